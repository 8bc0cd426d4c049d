/** Where the CRI keeps what it pulls and runs. */
export const CRI_NAMESPACE = "k8s.io";
