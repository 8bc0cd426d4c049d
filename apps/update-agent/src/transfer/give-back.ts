/** Far more than what Node cuts out of memory that buffers share; that little must be left alone. */
const OWN_BYTES = 128 * 1024;

/**
 * Frees the memory of a large buffer at once, which would else wait for the collector: a network is faster than that, and 100 MB would
 * lie there. Only for a buffer that nobody uses any more.
 */
export function giveBack({ buffer, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && length >= OWN_BYTES) buffer.transfer(0);
}
