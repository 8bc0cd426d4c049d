/* Makes all attempts, one line each with the error that the kernel gave; returns how many succeeded. */
int attempt_all(void);
