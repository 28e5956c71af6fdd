/** Which tests a run is asked for. */
import type { TestItem, TestRunRequest } from "vscode";

/** Named by the request itself or by its parent, and not left out. */
export function isWanted(item: TestItem, { include, exclude }: TestRunRequest): boolean {
  const isIn = (items: readonly TestItem[]) => items.some(({ id }) => id === item.id || id === item.parent?.id);
  return (include === undefined || isIn(include)) && !isIn(exclude ?? []);
}
