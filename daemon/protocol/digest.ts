/** The protocol as JSON schemas in one text; its hash stands in PROTOCOL.md. */
import * as z from "zod";
import { errorTable } from "./errors.ts";
import { errorDataSchema, notifications, requests } from "./requests.ts";
import { formatProtocol, protocolVersion } from "./version.ts";

/** Deterministic text of everything that goes over the wire. Two protocols are equal when their texts are. */
export function protocolText(): string {
  const schema = (type: z.ZodType, io: "input" | "output") => z.toJSONSchema(type, { io, unrepresentable: "throw" });
  return JSON.stringify({
    version: formatProtocol(protocolVersion),
    requests: requests.map(({ name, params, result, errors }) => ({
      name,
      params: schema(params, "input"),
      result: schema(result, "output"),
      errors,
    })),
    notifications: notifications.map(({ name, params }) => ({ name, params: schema(params, "output") })),
    error: schema(errorDataSchema, "output"),
    codes: Object.keys(errorTable),
  });
}
