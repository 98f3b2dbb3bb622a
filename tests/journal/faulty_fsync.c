/* Preloaded into a process, this makes its disk fail as real disks do.
 *
 * While the directory $FAULTS holds a file named "fsync", every fsync and fdatasync fails with EIO, after which the data
 * may or may not be on the disk; while it holds one named "pwrite", every pwrite fails with ENOSPC.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static int faulty(const char *name) {
    char path[4096];
    const char *directory = getenv("FAULTS");
    if (directory == NULL) return 0;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return access(path, F_OK) == 0;
}

#define FAIL_WITH(name, code) if (faulty(name)) { errno = (code); return -1; }

int fsync(int fd) {
    FAIL_WITH("fsync", EIO)
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
    FAIL_WITH("fsync", EIO)
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
    FAIL_WITH("pwrite", ENOSPC)
    return ((ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite"))(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
    FAIL_WITH("pwrite", ENOSPC)
    return ((ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64"))(fd, data, size, offset);
}
