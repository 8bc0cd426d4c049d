/*
 * Carries the bytes of one connection, descriptors 0 and 1, to containerd's socket and back, until either side has no more.
 * Only for tests: nothing in the image lets anybody reach that socket from outside.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int carry(int from, int to)
{
	char buffer[16384];
	ssize_t count = read(from, buffer, sizeof buffer);
	if (count <= 0)
		return 0;
	for (ssize_t done = 0; done < count;) {
		ssize_t written = write(to, buffer + done, count - done);
		if (written < 0 && errno != EINTR)
			return 0;
		if (written > 0)
			done += written;
	}
	return 1;
}

int main(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	strcpy(address.sun_path, "/run/containerd/containerd.sock");
	int server = socket(AF_UNIX, SOCK_STREAM, 0);
	if (server < 0 || connect(server, (struct sockaddr *)&address, sizeof address) != 0)
		return 1;
	struct pollfd ends[2] = { { .fd = 0, .events = POLLIN }, { .fd = server, .events = POLLIN } };
	while (poll(ends, 2, -1) >= 0) {
		if (ends[0].revents != 0 && !carry(0, server))
			return 0;
		if (ends[1].revents != 0 && !carry(server, 1))
			return 0;
	}
	return 1;
}
