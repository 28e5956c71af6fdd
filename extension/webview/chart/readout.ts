/** The read-out beside the point that is picked. */

/** Distance from the point, CSS pixels. */
const gap = 12;

/**
 * Fills and places the read-out; null hides it.
 * @param place of the point within the read-out's frame, CSS pixels
 */
export function showReadout(
  element: HTMLElement,
  lines: readonly string[] | null,
  place: { readonly left: number; readonly top: number } = { left: 0, top: 0 },
): void {
  element.hidden = lines === null;
  if (lines === null) {
    element.replaceChildren();
    return;
  }
  element.replaceChildren(
    ...lines.map((text) => {
      const line = document.createElement("div");
      line.textContent = text;
      return line;
    }),
  );
  const frame = element.parentElement;
  const { offsetWidth: width, offsetHeight: height } = element;
  const isRight = place.left + gap + width > (frame?.clientWidth ?? 0);
  const isLow = place.top + gap + height > (frame?.clientHeight ?? 0);
  // Properties, not a style attribute: the page's policy forbids that.
  element.style.left = `${isRight ? place.left - gap - width : place.left + gap}px`;
  element.style.top = `${isLow ? place.top - gap - height : place.top + gap}px`;
}
