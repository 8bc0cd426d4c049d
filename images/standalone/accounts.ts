/**
 * Users and groups, fixed for ever: files on STATE and DATA carry the numbers. Nobody can log in: there is no shadow
 * file, no shell and no program that asks for a password.
 */
export const users = [
  { name: "root", id: 0, group: 0, home: "/root" },
  { name: "messagebus", id: 271, group: 271, home: "/nonexistent" },
  { name: "systemd-network", id: 272, group: 272, home: "/nonexistent" },
  { name: "systemd-resolve", id: 273, group: 273, home: "/nonexistent" },
  { name: "_chrony", id: 280, group: 280, home: "/nonexistent" },
  { name: "nobody", id: 65534, group: 65534, home: "/nonexistent" },
] as const;

/** Debian's numbers below 100 (udev's rules name these groups), Ballast's own from 270. */
export const groups = [
  { name: "root", id: 0 },
  { name: "adm", id: 4 },
  { name: "tty", id: 5 },
  { name: "disk", id: 6 },
  { name: "lp", id: 7 },
  { name: "kmem", id: 15 },
  { name: "dialout", id: 20 },
  { name: "cdrom", id: 24 },
  { name: "tape", id: 26 },
  { name: "audio", id: 29 },
  { name: "utmp", id: 43 },
  { name: "video", id: 44 },
  { name: "users", id: 100 },
  { name: "systemd-journal", id: 270 },
  { name: "messagebus", id: 271 },
  { name: "systemd-network", id: 272 },
  { name: "systemd-resolve", id: 273 },
  { name: "api", id: 274 },
  { name: "input", id: 275 },
  { name: "kvm", id: 276 },
  { name: "render", id: 277 },
  { name: "sgx", id: 278 },
  { name: "clock", id: 279 },
  { name: "_chrony", id: 280 },
  { name: "nogroup", id: 65534 },
] as const;
