/*
 * Preloaded into PostgreSQL: while the file that FULL_DISK_SWITCH names exists, no regular file grows, as on a disk without
 * a free block. What overwrites is carried out, as it is there. A file system of its own would need the right to mount.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int is_full(void)
{
    const char *name = getenv("FULL_DISK_SWITCH");
    struct stat status;
    return name != NULL && stat(name, &status) == 0;
}

static int would_grow(int file, off_t end)
{
    struct stat status;
    int before = errno;
    int grows = fstat(file, &status) == 0 && S_ISREG(status.st_mode) && end > status.st_size && is_full();
    errno = before;
    return grows;
}

static ssize_t refused(void)
{
    errno = ENOSPC;
    return -1;
}

EXPORTED ssize_t write(int file, const void *bytes, size_t count)
{
    off_t at = lseek(file, 0, SEEK_CUR);
    if (at >= 0 && would_grow(file, at + (off_t)count))
        return refused();
    return NEXT(write)(file, bytes, count);
}

EXPORTED ssize_t pwrite(int file, const void *bytes, size_t count, off_t at)
{
    return would_grow(file, at + (off_t)count) ? refused() : NEXT(pwrite)(file, bytes, count, at);
}

EXPORTED ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at)
{
    off_t end = at;
    for (int part = 0; part < count; part += 1)
        end += (off_t)parts[part].iov_len;
    return would_grow(file, end) ? refused() : NEXT(pwritev)(file, parts, count, at);
}

EXPORTED int posix_fallocate(int file, off_t at, off_t count)
{
    return would_grow(file, at + count) ? ENOSPC : NEXT(posix_fallocate)(file, at, count);
}
