/* Generation data, by which a loader that knows SBAT can refuse a revoked version. Columns: component, generation, vendor, package,
 * version, URL. */
__attribute__((section(".sbat"), used)) static const char sbat[] =
        "sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n"
        "ballast-selector,1,Ballast,ballast-selector,1,https://ballast.example\n";
