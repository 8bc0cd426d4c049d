import { posix } from "node:path";
import { elfNeeds, isElf, isElfProgram } from "./elf.ts";
import type { Entry } from "./entry.ts";

/** Programs that would let somebody run text as code, install packages, log in or change user. */
const FORBIDDEN_PROGRAMS = new RegExp(
  String.raw`^(?:ba|da|z|k|c|tc|fi|mk|a)?sh$|^(?:busybox|toybox|perl|python|ruby|node|lua|tclsh|awk|gawk|mawk|sed|ed|bc|dc|gdb|qemu|apt|dpkg|rpm|dnf|su|sudo|login|agetty|getty|sulogin|passwd|newgrp|sshd?|telnetd?|nsenter|unshare|chroot)(?:[-.\d].*)?$`,
);
const LIBRARY_FOLDERS = ["usr/lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/systemd", "usr/lib"];

/**
 * The promises about the root, as checks: exactly the listed programs and no shell, interpreter or package manager among
 * them, no setuid, nothing writable by everybody, nothing unreadable that programs load, every link leads somewhere, every
 * library that is needed is there. Returns one sentence per broken promise.
 */
export function checkRoot(entries: readonly Entry[], programs: readonly string[]): string[] {
  const paths = new Set(entries.map(({ path }) => path));
  const perEntry = entries.flatMap((entry) => [
    ...checkNames(entry),
    ...checkModes(entry),
    ...checkLink(entry, paths),
    ...checkScript(entry),
    ...checkLibraries(entry, paths),
  ]);
  return [...checkPrograms(entries, new Set(programs)), ...perEntry];
}

/** What can be started is told by the file itself as well: the dynamic linker starts a program without its mode bit. */
function checkPrograms(entries: readonly Entry[], listed: ReadonlySet<string>): string[] {
  const found = entries.filter(
    ({ kind, mode, data }) =>
      kind === "file" && ((mode & 0o111) !== 0 || (data !== undefined && isElfProgram(data))),
  );
  const paths = new Set(found.map(({ path }) => path));
  return [
    ...found
      .filter(({ path }) => !listed.has(path))
      .map(
        ({ path, origin }) =>
          `"${path}" (${origin}) can be started and is not in the list of programs`,
      ),
    ...[...listed]
      .filter((path) => !paths.has(path))
      .map((path) => `"${path}" is listed as a program and is not in the root`),
  ];
}

function checkNames({ path, kind, mode, origin }: Entry): string[] {
  const isProgram = kind === "symlink" || (kind === "file" && (mode & 0o111) !== 0);
  const name = posix.basename(path);
  if (!isProgram || path.includes(".so") || !FORBIDDEN_PROGRAMS.test(name)) return [];
  return [`"${path}" (${origin}) is a shell, an interpreter, a package manager or a way to log in`];
}

function checkModes({ path, kind, mode, uid, gid, origin }: Entry): string[] {
  if (kind === "symlink") return [];
  const problems: string[] = [];
  if ((mode & 0o6000) !== 0) problems.push(`"${path}" (${origin}) is setuid or setgid`);
  if ((mode & 0o002) !== 0) problems.push(`"${path}" (${origin}) is writable by everybody`);
  if (uid !== 0 || gid !== 0) problems.push(`"${path}" (${origin}) is not owned by root`);
  if (kind === "file" && /\.so(?:\.|$)/.test(path) && (mode & 0o004) === 0)
    problems.push(`"${path}" (${origin}) is a library that not everybody can read`);
  return problems;
}

function checkScript({ path, data, origin }: Entry): string[] {
  return data !== undefined && data[0] === 0x23 && data[1] === 0x21
    ? [`"${path}" (${origin}) begins with #!: it needs an interpreter`]
    : [];
}

/** Links into what only exists at run time (`/run`, `/proc`, `/var`) cannot be checked here. */
function checkLink({ path, kind, target, origin }: Entry, paths: ReadonlySet<string>): string[] {
  if (kind !== "symlink" || target === undefined) return [];
  const resolved = posix
    .join("/", target.startsWith("/") ? target : posix.join(posix.dirname(path), target))
    .slice(1);
  if (
    /^(?:run|proc|var|dev|sys)(?:\/|$)/.test(resolved) ||
    paths.has(followFolders(resolved, paths))
  )
    return [];
  return [`"${path}" (${origin}) links to "${target}", which is not in the root`];
}

/** `lib/x` is `usr/lib/x`: the top-level folders are links themselves. */
function followFolders(path: string, paths: ReadonlySet<string>): string {
  return paths.has(path) ? path : path.replace(/^(?=(?:bin|sbin|lib|lib64)\/)/, "usr/");
}

function checkLibraries({ path, data, origin }: Entry, paths: ReadonlySet<string>): string[] {
  if (data === undefined || !isElf(data)) return [];
  const { interpreter, libraries } = elfNeeds(data);
  const problems = libraries
    .filter((name) => !LIBRARY_FOLDERS.some((folder) => paths.has(`${folder}/${name}`)))
    .filter((name) => !name.startsWith("ld-linux-"))
    .map((name) => `"${path}" (${origin}) needs "${name}", which is not in the root`);
  if (interpreter !== undefined && !paths.has(followFolders(interpreter.slice(1), paths)))
    problems.push(`"${path}" (${origin}) needs "${interpreter}", which is not in the root`);
  return problems;
}
