/** What no honest static model of a corpus reaches: a result below it is looked at before it counts (spec section 2). */

const floors: readonly { readonly sha256: string; readonly bpb: number }[] = [
  // TinyShakespeare: the best adaptive compressors reach 1.88 on its last tenth.
  { sha256: "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed", bpb: 1.85 },
];

/** @param sha256 of the corpus, its first 12 digits at least; null: nothing is known */
export function floorOf(sha256: string | null): number | null {
  if (sha256 === null || sha256.length < 12) return null;
  return floors.find((one) => one.sha256.startsWith(sha256.toLowerCase()))?.bpb ?? null;
}
