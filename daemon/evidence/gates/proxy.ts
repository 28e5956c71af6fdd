/** V2: zero-cost proxies may drop configurations only where they are known to rank them. */
import { spearman } from "../../stats/rank.ts";
import { defineGate, digits, judged, unmeasured } from "./gate.ts";

export interface ProxyInput {
  /** Held out: none of them was used to make the proxy. */
  readonly configs: readonly {
    /** Higher: the proxy thinks better of it. */
    readonly proxy: number;
    readonly parameters: number;
    /** BPB after rung 2. */
    readonly bpb: number;
  }[];
}

const leastConfigs = 50;
const leastRho = 0.5;

export const proxyGate = defineGate<ProxyInput>("V2", "Zero-cost proxy ranks like rung 2", ({ configs }) => {
  if (configs.length < leastConfigs) {
    return unmeasured(`${configs.length} held-out configurations; at least ${leastConfigs} are needed.`, leastRho);
  }
  // A run that diverged ranks last. Good is a low BPB: rho with -BPB is positive where the proxy is right.
  const worst = Math.max(0, ...configs.map(({ bpb }) => bpb).filter(Number.isFinite));
  const quality = configs.map(({ bpb }) => (Number.isFinite(bpb) ? -bpb : -worst - 1));
  const proxy = spearman(
    configs.map((one) => one.proxy),
    quality,
  );
  if (!proxy.ok) return unmeasured(`The proxy cannot be ranked against rung 2: ${proxy.message}`, leastRho);
  const size = spearman(
    configs.map(({ parameters }) => parameters),
    quality,
  );
  // Configurations of one size: the number of parameters says nothing, which is a rho of 0.
  if (!size.ok && size.code !== "no-variance")
    return unmeasured(`The sizes cannot be ranked: ${size.message}`, leastRho);
  // Small or large first: the size alone would be used in the direction that works.
  const rhoOfSize = size.ok ? Math.abs(size.value.estimate) : 0;
  const rho = proxy.value.estimate;
  const reason =
    `Spearman's rho of the proxy with rung 2 is ${digits(rho)} on ${configs.length} configurations; it must be at ` +
    `least ${leastRho} and above ${digits(rhoOfSize)}, that of the number of parameters alone.`;
  return judged(rho >= leastRho && rho > rhoOfSize, reason, rho, Math.max(leastRho, rhoOfSize));
});
