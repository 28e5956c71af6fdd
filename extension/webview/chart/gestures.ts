/** Pan and zoom by pointer, wheel and keyboard. Drawing a frame with the pointer is the plot's own business. */

export interface GestureTarget {
  /** Moves the view by shares of its width and height. */
  readonly pan: (dx: number, dy: number) => void;
  /** `factor` above 1 shows more; the place at these shares of the area stays where it is. */
  readonly zoom: (factor: number, shareX: number, shareY: number | null) => void;
  readonly reset: () => void;
  /** To the next point (`points`) or the next curve (`curves`). */
  readonly walk: (points: number, curves: number) => void;
  readonly leave: () => void;
  /** The plotting area, which uPlot may replace. */
  readonly over: () => HTMLElement | null;
}

const keyShift = 0.1;
const keyFactor = 1.25;

export function bindGestures(container: HTMLElement, target: GestureTarget): void {
  container.addEventListener("keydown", (event) => {
    if (event.target === container && onKey(event, target)) event.preventDefault();
  });
  container.addEventListener("wheel", (event) => onWheel(event, target), { passive: false });
  container.addEventListener("dblclick", () => target.reset());
  container.addEventListener("pointerdown", (event) => startPan(event, target));
}

function onKey({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent, target: GestureTarget): boolean {
  if (ctrlKey || metaKey || altKey) return false;
  const moves: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, 1],
    ArrowDown: [0, -1],
  };
  const move = moves[key];
  if (move !== undefined) {
    if (shiftKey) target.pan(move[0] * keyShift, move[1] * keyShift);
    else target.walk(move[0], -move[1]);
    return true;
  }
  if (key === "+" || key === "=") target.zoom(1 / keyFactor, 0.5, null);
  else if (key === "-" || key === "_") target.zoom(keyFactor, 0.5, null);
  else if (key === "0" || key === "Home") target.reset();
  else if (key === "Escape") target.leave();
  else return false;
  return true;
}

function onWheel(event: WheelEvent, target: GestureTarget): void {
  const over = target.over();
  if (over === null) return;
  event.preventDefault();
  const { left, top, width, height } = over.getBoundingClientRect();
  const pixels = (delta: number) => (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? delta * 16 : delta);
  if (event.ctrlKey || event.metaKey) {
    const shareX = (event.clientX - left) / width;
    const shareY = 1 - (event.clientY - top) / height;
    target.zoom(Math.exp(pixels(event.deltaY) / 300), shareX, event.shiftKey ? shareY : null);
    return;
  }
  const along = event.deltaX === 0 ? event.deltaY : event.deltaX;
  target.pan(pixels(along) / width, event.deltaX === 0 ? 0 : -pixels(event.deltaY) / height);
}

function startPan(event: PointerEvent, target: GestureTarget): void {
  const over = target.over();
  if (over === null || !event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  const { width, height } = over.getBoundingClientRect();
  let { clientX, clientY } = event;
  const move = (next: PointerEvent) => {
    target.pan((clientX - next.clientX) / width, (next.clientY - clientY) / height);
    ({ clientX, clientY } = next);
  };
  const stop = () => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", stop);
    window.removeEventListener("pointercancel", stop);
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", stop);
  window.addEventListener("pointercancel", stop);
}
