import { join } from "node:path";

// The packages lie where the project of a monorepo has them: two folders above.
export default { turbopack: { root: join(import.meta.dirname, "../..") }, typescript: { ignoreBuildErrors: false } };
