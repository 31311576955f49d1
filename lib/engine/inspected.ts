/** Containers as an engine describes them. */
import type { Engine } from "./engine.ts";
import type { Inspected } from "./schemas.ts";

/** Those that are there, in this order. */
export async function inspectAll(engine: Engine, ids: readonly string[]): Promise<Inspected[]> {
  return (await Promise.all(ids.map((id) => engine.inspect(id)))).filter((one) => one !== null);
}

/** As people say it: the API puts a slash before it. */
export const nameOf = ({ Name }: Pick<Inspected, "Name">): string => Name.replace(/^\//, "");
