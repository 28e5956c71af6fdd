/** Which WebGPU adapters there are and which one is used. The rules are pure functions over summaries. */
import { EngineError } from "../error.ts";

/** `hardware`: the only GPU found, so it cannot be told whether it is discrete. */
export type AdapterType = "discrete" | "integrated" | "hardware" | "software";

export interface AdapterSummary {
  readonly name: string;
  readonly vendor: string;
  /** Device description with the driver's version, as far as the platform tells. */
  readonly driver: string;
  readonly type: AdapterType;
  readonly limits: Readonly<Record<AdapterLimit, number>>;
  readonly features: readonly string[];
}

/** Limits that decide what fits; all are requested from the device at the adapter's maximum. */
export const ADAPTER_LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension",
] as const;
export type AdapterLimit = (typeof ADAPTER_LIMITS)[number];

export interface FoundAdapter {
  readonly summary: AdapterSummary;
  readonly adapter: GPUAdapter;
}

type AdapterInfo = Pick<GPUAdapterInfo, "vendor" | "architecture" | "device" | "description" | "isFallbackAdapter">;

const SOFTWARE_NAMES = /llvmpipe|lavapipe|swiftshader|softpipe|software|basic render|\bcpu\b/i;

/** True for rasterisers that run on the CPU, whether or not the driver admits it. */
export function isSoftware(info: AdapterInfo): boolean {
  return info.isFallbackAdapter || SOFTWARE_NAMES.test(`${info.architecture} ${info.device} ${info.description}`);
}

/**
 * All distinct adapters, best first. WebGPU has no enumeration: each power preference and the fallback are asked
 * for, and two GPUs that differ by preference are the discrete and the integrated one.
 */
export async function findAdapters(gpu: GPU): Promise<FoundAdapter[]> {
  const requests = [
    { powerPreference: "high-performance" },
    { powerPreference: "low-power" },
    { forceFallbackAdapter: true },
  ] as const;
  const distinct = new Map<string, GPUAdapter>();
  for (const request of requests) {
    const adapter = await gpu.requestAdapter(request);
    if (!adapter) continue;
    const { vendor, architecture, device, description } = adapter.info;
    const key = [vendor, architecture, device, description].join("\n");
    if (!distinct.has(key)) distinct.set(key, adapter);
  }
  const adapters = [...distinct.values()];
  const hardware = adapters.filter((adapter) => !isSoftware(adapter.info));
  const software = adapters.filter((adapter) => isSoftware(adapter.info));
  const several = hardware.length > 1;
  return [
    ...hardware.map((adapter, i) => found(adapter, several ? (i === 0 ? "discrete" : "integrated") : "hardware")),
    ...software.map((adapter) => found(adapter, "software")),
  ];
}

/** For `igla doctor`. */
export async function listAdapters(gpu: GPU): Promise<AdapterSummary[]> {
  return (await findAdapters(gpu)).map(({ summary }) => summary);
}

function found(adapter: GPUAdapter, type: AdapterType): FoundAdapter {
  const { vendor, architecture, device, description } = adapter.info;
  const limits = Object.fromEntries(ADAPTER_LIMITS.map((name) => [name, adapter.limits[name]]));
  return {
    adapter,
    summary: {
      name: description.split(":")[0]?.trim() || device || architecture || vendor || "unnamed adapter",
      vendor,
      driver: description || device,
      type,
      limits: limits as Record<AdapterLimit, number>,
      features: [...adapter.features].sort(),
    },
  };
}

export interface AdapterWish {
  /** Part of the name, vendor or driver, any case. Naming a software adapter allows it. */
  readonly adapter?: string | undefined;
  readonly allowSoftware?: boolean | undefined;
}

/**
 * Index of the adapter to use; the list is ordered best first.
 * @throws {EngineError} `engine.no-adapter`, naming what was found
 */
export function chooseAdapter(list: readonly AdapterSummary[], wish: AdapterWish): number {
  const wanted = wish.adapter?.toLowerCase();
  const matches = (a: AdapterSummary): boolean =>
    wanted === undefined || `${a.name}\n${a.vendor}\n${a.driver}`.toLowerCase().includes(wanted);
  const allowed = (a: AdapterSummary): boolean =>
    a.type !== "software" || wanted !== undefined || wish.allowSoftware === true;
  const index = list.findIndex((a) => matches(a) && allowed(a));
  if (index >= 0) return index;
  const names = list.map((a) => `${a.name} (${a.type})`).join(", ") || "none";
  const reason =
    wanted !== undefined
      ? `No WebGPU adapter matches "${wish.adapter}".`
      : list.length > 0
        ? "Only software WebGPU adapters were found; they are used when asked for by name."
        : "No WebGPU adapter was found.";
  throw new EngineError("engine.no-adapter", `${reason} Adapters: ${names}.`);
}
