/** The whole answer of `--help`; it is the interface and has a snapshot test. */
export const HELP = `Serves the API: settings, health, logs and actions

Usage:
  apiserver [serve] [--socket PATH] [--database FILE] [--root DIR]
  apiserver configure [--socket PATH] [--root DIR] [--retry-seconds N]
                      [--metadata-port N]

Commands:
  serve      Answer requests until SIGTERM (the default)
  configure  Hand the user data of this machine and what is generated to the server and have all settings
             applied; runs until the server has accepted them

Options:
  --socket PATH        Unix socket; serve takes the one passed by systemd if there is one
                       (default: /run/ballast/api.sock)
  --database FILE      Settings database
                       (default: /var/lib/ballast/settings/<VERSION_ID of os-release>.sqlite)
  --root DIR           Look for all other files and programs below DIR (default: /)
  --retry-seconds N    Wait so long before user data is read again (default: 10)
  --metadata-port N    For tests: ask port N of 127.0.0.1 in the place of 169.254.169.254, the metadata
                       service of Amazon EC2
  --help               Show this text
  --version            Show the version

Examples:
  apiserver serve
  apiserver serve --root /tmp/machine --socket /tmp/machine/api.sock --database /tmp/machine/s.sqlite
  apiserver configure
`;
