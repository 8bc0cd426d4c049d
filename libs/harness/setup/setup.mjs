// What `npm start` and `npm test` need before anything else. Runs on bare Node 20 without node_modules, so it is
// plain JavaScript over built-in modules. Idempotent: a run that finds everything in place takes milliseconds.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const STAMP = join(REPOSITORY, "node_modules/.ballast-setup");

/** Debian's packages that the build and the tests run on the host, each with the file that shows it is there. */
const SYSTEM_PACKAGES = [
  { name: "bubblewrap", file: "/usr/bin/bwrap" },
  { name: "cgpt", file: "/usr/bin/cgpt" },
  { name: "debian-archive-keyring", file: "/usr/share/keyrings/debian-archive-keyring.gpg" },
  { name: "dpkg", file: "/usr/bin/dpkg-deb" },
  { name: "fdisk", file: "/usr/sbin/sfdisk" },
  { name: "gcc", file: "/usr/bin/gcc" },
  { name: "gdisk", file: "/usr/sbin/sgdisk" },
  { name: "git", file: "/usr/bin/git" },
  { name: "iproute2", file: "/usr/bin/ip" },
  { name: "libatomic1", file: "/usr/lib/x86_64-linux-gnu/libatomic.so.1" },
  { name: "libc6-dev", file: "/usr/include/stdio.h" },
  { name: "mmdebstrap", file: "/usr/bin/mmdebstrap" },
  { name: "openssl", file: "/usr/bin/openssl" },
  { name: "ovmf", file: "/usr/share/OVMF/OVMF_CODE_4M.fd" },
  { name: "parted", file: "/usr/sbin/parted" },
  { name: "qemu-system-x86", file: "/usr/bin/qemu-system-x86_64" },
  { name: "qemu-utils", file: "/usr/bin/qemu-img" },
  { name: repartPackage(), file: "/usr/bin/systemd-repart" },
  { name: "tar", file: "/usr/bin/tar" },
];
/** Without root, mmdebstrap needs mapped user ids. */
const UNPRIVILEGED_PACKAGES = [{ name: "uidmap", file: "/usr/bin/newuidmap" }];

const HELP = `Usage: npm run setup [-- --only-npm]

Installs what Ballast needs to be built and tested: system packages by apt (with sudo unless root), the locked npm
packages, and keys for development with which images are signed. Does nothing when all is there.

  --only-npm   install the npm packages and nothing else
`;

main(process.argv.slice(2));

function main(args) {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(HELP);
    return;
  }
  const unknown = args.find((arg) => arg !== "--only-npm");
  if (unknown !== undefined) fail(`Unknown option "${unknown}"`, HELP, 64);
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 20)
    fail(
      `Node ${process.versions.node} is too old`,
      "Install Node 20 or newer; the project brings its own Node 26.",
      1,
    );
  if (!args.includes("--only-npm")) installSystemPackages();
  installNpmPackages();
  if (!args.includes("--only-npm")) makeKeys();
}

/** Debian 13 parted it from the package systemd. */
function repartPackage() {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return /^VERSION_ID="?12"?$/m.test(release) ? "systemd" : "systemd-repart";
}

function installSystemPackages() {
  if (process.platform !== "linux" || process.arch !== "x64")
    fail(
      `Ballast is built on Linux on x86-64, not on ${process.platform} on ${process.arch}`,
      "Use such a machine or a virtual one.",
      1,
    );
  const isRoot = process.getuid() === 0;
  const wanted = isRoot ? SYSTEM_PACKAGES : [...SYSTEM_PACKAGES, ...UNPRIVILEGED_PACKAGES];
  const missing = wanted.filter(({ file }) => !existsSync(file)).map(({ name }) => name);
  if (missing.length === 0) return;
  if (!existsSync("/usr/bin/apt-get"))
    fail(
      `These programs are missing: ${missing.join(", ")}`,
      "Install them with your distribution's package manager (the names are Debian's), then run this again.",
      1,
    );
  const prefix = isRoot ? [] : ["sudo"];
  if (!isRoot && !existsSync("/usr/bin/sudo"))
    fail(
      `These packages are missing and sudo is not installed: ${missing.join(" ")}`,
      `Run as root: apt-get install ${missing.join(" ")}`,
      1,
    );
  process.stderr.write(`setup: installing ${missing.join(", ")}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  run([...prefix, "apt-get", "update", "-q"], env);
  run([...prefix, "apt-get", "install", "-q", "-y", "--no-install-recommends", ...missing], env);
  const still = wanted
    .filter(({ file }) => !existsSync(file))
    .map(({ name, file }) => `${name} (${file})`);
  if (still.length > 0)
    fail(
      `Installed, but not found: ${still.join(", ")}`,
      "This distribution puts them elsewhere; tell us which it is.",
      1,
    );
}

/** `npm ci` when the lock changed since the last time that it went through. */
function installNpmPackages() {
  const lock = createHash("sha256")
    .update(readFileSync(join(REPOSITORY, "package-lock.json")))
    .digest("hex");
  const stamp = `${lock} ${process.platform} ${process.arch}`;
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === stamp) return;
  process.stderr.write("setup: installing the locked npm packages\n");
  run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], process.env);
  writeFileSync(STAMP, stamp);
}

/** Every image is signed; without keys of somebody's own, with keys that mean nothing outside of this clone. */
function makeKeys() {
  if (process.env.BALLAST_KEYS || existsSync(join(REPOSITORY, "images/keys/db.pem"))) return;
  const node = join(REPOSITORY, "node_modules/.bin/node");
  run([node, join(REPOSITORY, "libs/harness/src/main.ts"), "keys"], process.env);
}

function run([file, ...args], env) {
  const { status, error } = spawnSync(file, args, {
    cwd: REPOSITORY,
    env,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0)
    fail(
      `Cannot run "${[file, ...args].join(" ")}": ${error?.message ?? `it ended with ${status}`}`,
      "Fix what it says above and run this again.",
      1,
    );
}

function fail(message, hint, exitCode) {
  process.stderr.write(`setup: ${message}\n${hint}\n`);
  process.exit(exitCode);
}
