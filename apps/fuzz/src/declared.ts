/**
 * Calls code that may refuse its input. An error of this family, which has a stable code, is a refusal; any other is a defect
 * and thrown on.
 */
export async function mayRefuse<Value>(call: () => Value): Promise<Awaited<Value> | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isDeclared(error)) return undefined;
    throw error;
  }
}

function isDeclared(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" && /^(ERR_APNS|H2|HPACK)_/.test(code) && code !== "ERR_APNS_DEFECT";
}
