/** Colours, dashes and markers. Read from the editor's theme; in high contrast a curve is known by its form too. */

export type Marker = "circle" | "square" | "triangle" | "diamond" | "cross";

export interface Theme {
  readonly isHighContrast: boolean;
  readonly background: string;
  readonly foreground: string;
  /** Grid and axes. */
  readonly lines: string;
  /** Trials that are paused or have ended. */
  readonly inactive: string;
  readonly target: string;
  readonly best: string;
  readonly hues: readonly string[];
  readonly font: string;
}

export interface SeriesStyle {
  readonly color: string;
  readonly dash: readonly number[];
  readonly marker: Marker;
}

const hueNames = ["blue", "orange", "green", "purple", "red", "yellow"] as const;
/** Used where a theme leaves a chart colour out. */
const fallbackHues = ["#3794ff", "#d18616", "#89d185", "#b180d7", "#f14c4c", "#cca700"] as const;
const dashes: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const markers: readonly Marker[] = ["circle", "square", "triangle", "diamond", "cross"];

export function readTheme(body: HTMLElement): Theme {
  const style = getComputedStyle(body);
  const color = (name: string, other: string) => style.getPropertyValue(`--vscode-${name}`).trim() || other;
  const foreground = color("editor-foreground", style.color);
  const background = color("editor-background", "#1e1e1e");
  const isHighContrast = body.classList.contains("vscode-high-contrast");
  return {
    isHighContrast,
    background,
    foreground,
    lines: isHighContrast ? foreground : color("charts-foreground", foreground),
    inactive: isHighContrast ? foreground : `color-mix(in srgb, ${foreground} 45%, ${background})`,
    target: color("charts-red", "#f14c4c"),
    best: foreground,
    hues: hueNames.map((name, index) => color(`charts-${name}`, fallbackHues[index] ?? foreground)),
    font: `${style.getPropertyValue("--vscode-font-size").trim() || "13px"} ${
      style.getPropertyValue("--vscode-font-family").trim() || "sans-serif"
    }`,
  };
}

/** Colours first, then dashes; in high contrast the dash changes with every curve. */
export function seriesStyle(slot: number, { hues, isHighContrast }: Theme): SeriesStyle {
  const dashIndex = isHighContrast ? slot : Math.floor(slot / hues.length);
  return {
    color: hues[slot % hues.length] ?? "currentColor",
    dash: dashes[dashIndex % dashes.length] ?? [],
    marker: markers[slot % markers.length] ?? "circle",
  };
}
