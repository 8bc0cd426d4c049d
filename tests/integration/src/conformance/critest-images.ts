import { chmod, copyFile, link, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeOciArchive } from "@ballast/harness";
import { execa } from "execa";

const SOURCE_DATE_EPOCH = 1_700_000_000;

/** An image that the suite names, made of busybox. */
export interface SuiteImage {
  /** Repository and tag, without the registry. */
  readonly name: string;
  readonly user?: string;
  /** The port on which a program called `nginx` answers; without it the image's program is a shell. */
  readonly servesPort?: number;
}

/** Those of cri-tools on Linux, which it takes from three public registries. */
export const SUITE_IMAGES: readonly SuiteImage[] = [
  { name: "e2e-test-images/busybox:1.29-2" },
  { name: "e2e-test-images/nginx:1.14-2", servesPort: 80 },
  { name: "e2e-test-images/httpd:2.4.39-4", servesPort: 80 },
  { name: "pause:3.9" },
  ...["latest:latest", "tag:test", "tag:all", "digest:latest"].map(named),
  ...["1:latest", "2:latest", "3:latest"].map(named),
  ...["tags:1", "tags:2", "tags:3"].map(named),
  { ...named("user-uid:latest"), user: "1002" },
  { ...named("user-username:latest"), user: "www-data" },
  { ...named("user-uid-group:latest"), user: "1003:users" },
  { ...named("user-username-group:latest"), user: "www-data:users" },
  { ...named("predefined-group:latest"), user: "1000" },
  { name: "k8s-staging-cri-tools/hostnet-nginx-amd64:latest", servesPort: 12_003 },
];

function named(rest: string): SuiteImage {
  return { name: `k8s-staging-cri-tools/test-image-${rest}` };
}

/** Writes OCI archives; `probe` is the program that serves. */
export class ImageMaker implements AsyncDisposable {
  readonly #work: string;
  readonly #busybox: string;
  readonly #probe: string;

  private constructor(work: string, busybox: string, probe: string) {
    this.#work = work;
    this.#busybox = busybox;
    this.#probe = probe;
  }

  static async create(busybox: string, probe: string): Promise<ImageMaker> {
    return new ImageMaker(await mkdtemp(join(tmpdir(), "ballast-suite-")), busybox, probe);
  }

  /** Different names are different images, but tags of `test-image-tags`, which the suite wants to be one. */
  async write({ name, user, servesPort }: SuiteImage, reference: string): Promise<string> {
    const work = await mkdtemp(join(this.#work, "image-"));
    const tree = join(work, "tree");
    await this.#fill(tree, name.includes("image-tags:") ? "tags" : name, servesPort);
    const layer = join(work, "layer.tar");
    const owner = ["--owner=0", "--group=0", "--numeric-owner", "--sort=name"];
    const date = `--mtime=@${SOURCE_DATE_EPOCH}`;
    await execa("tar", ["-cf", layer, "-C", tree, ...owner, date, "."]);
    const config = {
      Entrypoint: servesPort === undefined ? [] : ["sh", "/start"],
      Cmd: servesPort === undefined ? ["sh"] : [],
      Env: ["PATH=/bin:/usr/sbin"],
      WorkingDir: "/",
      Labels: {},
      ...(user === undefined ? {} : { User: user }),
    };
    const archive = join(work, "image.tar");
    const sourceDateEpoch = SOURCE_DATE_EPOCH;
    await writeOciArchive({ layer, config, reference, sourceDateEpoch }, work, archive);
    return archive;
  }

  async #fill(tree: string, mark: string, port: number | undefined): Promise<void> {
    for (const folder of [
      "bin",
      "etc",
      "home",
      "tmp",
      "usr/sbin",
      "var/run",
      "root",
      "proc",
      "sys",
    ])
      await mkdir(join(tree, folder), { recursive: true });
    await chmod(join(tree, "tmp"), 0o1777);
    await copyFile(this.#busybox, join(tree, "bin/busybox"));
    await chmod(join(tree, "bin/busybox"), 0o755);
    const { stdout } = await execa(this.#busybox, ["--list"]);
    // Hard links: the suite masks one of them, which must not hide the others.
    for (const applet of stdout.split("\n").filter((one) => one !== "busybox"))
      await link(join(tree, "bin/busybox"), join(tree, "bin", applet));
    // Debian's busybox lacks it; the suite asks for whole names only.
    await writeFile(join(tree, "bin/pgrep"), '#!/bin/sh\nexec pidof "$1"\n', { mode: 0o755 });
    const users = [
      "root:x:0:0::/root:/bin/sh",
      "www-data:x:33:33::/home:/bin/sh",
      "nobody:x:65534:65534::/home:/bin/sh",
      "default-user:x:1000:1000::/home:/bin/sh",
    ];
    const groups = ["root:x:0:", "users:x:100:", "www-data:x:33:", "in-image:x:50000:default-user"];
    await writeFile(join(tree, "etc/passwd"), lines(users));
    await writeFile(join(tree, "etc/group"), lines([...groups, "default-user:x:1000:"]));
    await writeFile(join(tree, "etc/image"), `${mark}\n`);
    if (port === undefined) return;
    await copyFile(this.#probe, join(tree, "usr/sbin/nginx"));
    const start = ["echo $$ > /var/run/nginx.pid", `exec /usr/sbin/nginx serve ${port} hello`];
    await writeFile(join(tree, "start"), lines(start));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.#work, { recursive: true, force: true });
  }
}

function lines(texts: readonly string[]): string {
  return `${texts.join("\n")}\n`;
}
