import { isHiddenPath, showPath } from "@apns/core/internal";

/** Why a file could not be read or written, without Node's own words for it, which repeat the path. */
export function reasonOf(error: unknown, path: string): string {
  const { code } = error as NodeJS.ErrnoException;
  if (path === "") return "the name of the file is empty";
  const name = showPath(path);
  if (isHiddenPath(path)) return `${name} is not the path of a file that can be used (${code})`;
  switch (code) {
    case "ENOENT":
      return `there is no file ${name}`;
    case "EISDIR":
      return `${name} is a folder, not a file`;
    case "EACCES":
      return `${name} may not be read by you`;
    case "ENOTDIR":
      return `${name} leads through something that is no folder`;
    case "ENAMETOOLONG":
      return `${name} is too long for the name of a file`;
    default:
      return `${name} cannot be used (${code ?? "for a reason unknown"})`;
  }
}
