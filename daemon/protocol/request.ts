/** What a protocol message is: a name, the schemas of both directions, and the errors that it can answer. */
import type { z } from "zod";
import { type ErrorCode, IglaError } from "./errors.ts";

export interface RequestDefinition<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly params: P;
  readonly result: R;
  /** Codes besides `protocol.bad-params` and `daemon.internal`, which every request can answer. */
  readonly errors: readonly ErrorCode[];
}

export interface NotificationDefinition<P extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly params: P;
}

export type ParamsOf<D> = D extends { readonly params: infer P extends z.ZodType } ? z.infer<P> : never;
export type ResultOf<D> = D extends { readonly result: infer R extends z.ZodType } ? z.infer<R> : never;

export function defineRequest<P extends z.ZodType, R extends z.ZodType>(
  name: string,
  shape: { readonly params: P; readonly result: R; readonly errors: readonly ErrorCode[] },
): RequestDefinition<P, R> {
  return { name, ...shape };
}

export function defineNotification<P extends z.ZodType>(name: string, params: P): NotificationDefinition<P> {
  return { name, params };
}

/** A request together with what answers it. */
export interface BoundRequest {
  readonly definition: RequestDefinition;
  /** @throws {IglaError} `protocol.bad-params`, and the codes of the definition */
  readonly answer: (params: unknown) => Promise<unknown>;
}

export function bindRequest<P extends z.ZodType, R extends z.ZodType>(
  definition: RequestDefinition<P, R>,
  handler: (params: z.output<P>) => Promise<z.input<R>>,
): BoundRequest {
  return {
    definition,
    answer: async (params) => {
      const parsed = definition.params.safeParse(params);
      if (parsed.success) return handler(parsed.data);
      const issues = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "params"}: ${message}`);
      throw new IglaError("protocol.bad-params", `${definition.name}: ${issues.join("; ")}`, { issues });
    },
  };
}
