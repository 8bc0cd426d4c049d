/*
 * Fills the file systems of the folders that it is given to their last block, and says what is left. Only for tests.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int fill(const char *folder)
{
	char path[256], name[300];
	struct statvfs left;
	snprintf(path, sizeof path, "%s/ballast-test-fill", folder);
	int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0)
		return perror(path), 1;
	off_t size = lseek(file, 0, SEEK_END);
	for (off_t step = 64 << 20; step >= 4096;) {
		if (fallocate(file, 0, size, step) == 0)
			size += step;
		else if (errno == ENOSPC)
			step /= 2;
		else if (errno != EINTR)
			return perror(path), 1;
	}
	/* What allocation leaves: blocks that folders and small files may take. */
	for (int count = 0; count < 100000; count++) {
		snprintf(name, sizeof name, "%s.%d", path, count);
		int small = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (small < 0 || write(small, "x", 1) < 0) {
			if (small >= 0)
				close(small);
			break;
		}
		close(small);
	}
	fsync(file);
	if (statvfs(folder, &left) < 0)
		return perror(folder), 1;
	printf("%s: %lu bytes left\n", folder, (unsigned long)(left.f_bavail * left.f_frsize));
	return 0;
}

int main(int count, char **folders)
{
	for (int i = 1; i < count; i++)
		if (fill(folders[i]))
			return 1;
	return 0;
}
