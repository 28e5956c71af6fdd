/** The page's parts in reading order. */

export interface ChartParts {
  readonly header: HTMLElement;
  readonly toolbar: HTMLElement;
  readonly banner: HTMLElement;
  readonly plot: HTMLElement;
  readonly readout: HTMLElement;
  readonly table: HTMLElement;
  readonly legend: HTMLElement;
  /** Read out by a screen reader when it changes. */
  readonly live: HTMLElement;
}

export function layOut(root: HTMLElement): ChartParts {
  const add = (parent: HTMLElement, tag: string, className: string, attributes: Record<string, string> = {}) => {
    const element = document.createElement(tag);
    element.className = className;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    parent.append(element);
    return element;
  };
  const header = add(root, "header", "facts");
  const toolbar = add(root, "div", "toolbar", { role: "toolbar" });
  const banner = add(root, "p", "banner", { role: "status", hidden: "" });
  const frame = add(root, "div", "frame");
  return {
    header,
    toolbar,
    banner,
    plot: add(frame, "div", "plot", { role: "application", tabindex: "0" }),
    readout: add(frame, "div", "readout", { "aria-live": "polite", hidden: "" }),
    table: add(root, "div", "table"),
    legend: add(root, "footer", "legend"),
    live: add(root, "p", "live", { "aria-live": "polite" }),
  };
}
