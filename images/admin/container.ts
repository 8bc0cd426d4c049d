/** The admin container, as plain data. The harness turns it into an OCI archive. */
export const container = {
  name: "admin",
  packages: "admin",
  entrypoint: ["/usr/bin/tini", "-g", "--", "/usr/local/bin/start-admin"],
  remove: [
    // Each container makes its own.
    "etc/ssh/ssh_host_*",
    "etc/machine-id",
    "var/lib/dbus/machine-id",
    // Of the build alone, and not the same twice.
    "var/cache/ldconfig/aux-cache",
    "var/cache/apt/*",
    "var/lib/apt/lists/*",
    "var/log/*.log",
    "var/log/apt",
    "usr/share/doc/*",
    "usr/share/man/*",
    "usr/share/locale/*",
  ],
} as const;
