/* Counts the file operations of a process and fails one of them, or kills the process there.
 *
 * Loaded with LD_PRELOAD: it stands between the program and the C library, so it
 * sees what Python's audit hooks do not (write, fsync, close-to-disk calls made by
 * extension modules or through ctypes), in every thread, with one counter.
 * test_shim.py proves against strace that no file operation gets past it.
 *
 * Nothing is counted until fault_arm() is called. Operations come in two kinds:
 * those that change the disk, and those that only look at it. A kill before an
 * operation that only looks leaves the disk as the kill before the next change
 * does, so kills need to count changes only; errors are tried at both.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { LOOKS = 1, CHANGES = 2, NEEDS_SPACE = 4, NEEDS_DESCRIPTOR = 8 };
enum { COUNT, KILL, FAIL, FAIL_FROM_HERE_ON, CUT_POWER, TURN_READ_ONLY };

static volatile int armed, action, kinds, error_number;
static volatile long target;
static long counter;
static char log_buffer[1 << 20];
static size_t log_used;
static int disk = -1;

/* Files that were written to since they were synced: closing them can still fail (NFS, quota). */
static char unsynced[1 << 16];

static void written(int fd)
{
    if (fd >= 0 && fd < (int)sizeof unsynced)
        unsynced[fd] = 1;
}

void fault_arm(int kinds_, int action_, long target_, int error_)
{
    kinds = kinds_;
    action = action_;
    target = target_;
    error_number = error_;
    counter = 0;
    log_used = 0;
    __sync_synchronize();
    armed = 1;
}

long fault_disarm(void)
{
    armed = 0;
    return counter;
}

const char *fault_log(void)
{
    log_buffer[log_used] = 0;
    return log_buffer;
}

static void note(const char *name)
{
    size_t length = strlen(name);
    size_t at = __sync_fetch_and_add(&log_used, length + 1);
    if (at + length + 1 >= sizeof log_buffer) {
        log_used = sizeof log_buffer - 1;
        return;
    }
    memcpy(log_buffer + at, name, length);
    log_buffer[at + length] = '\n';
}

/* Stops a mounted file system as if the power had gone: FS_IOC_SHUTDOWN of <linux/fs.h>.
 * How: 1 lets it write its journal out first, 2 does not. */
void fault_cut_power(int how)
{
    armed = 0;
    if (ioctl(disk, 0x8004587d, &how))
        abort();
}

/* Tells ext4 that it has found itself damaged; mounted with errors=remount-ro it turns
 * read-only there and then, whatever is open. `disk` is its trigger_fs_error in sysfs. */
void fault_turn_read_only(void)
{
    armed = 0;
    if (pwrite(disk, "1\n", 2, 0) != 2)
        abort();
    armed = 1;
}

void fault_watch_disk(int descriptor)
{
    disk = descriptor;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Returns 1 if the operation has to fail, with errno set. `torn` is what a write leaves
 * behind when the power goes in the middle of it. */
static int strike(const char *name, int kind)
{
    if (!armed || !(kinds & kind))
        return 0;
    note(name);
    long now = __sync_add_and_fetch(&counter, 1);
    if (action == FAIL_FROM_HERE_ON ? now < target : now != target)
        return 0;
    if (action == COUNT)
        return 0;
    if (action == TURN_READ_ONLY) {
        fault_turn_read_only();
        return 0;
    }
    if (action == CUT_POWER)
        fault_cut_power(error_number);
    if (action == KILL || action == CUT_POWER)
        return 2;
    errno = error_number;
    return 1;
}

#define REAL(type, name, ...)                                        \
    static type (*real)(__VA_ARGS__);                                \
    if (!real)                                                       \
        real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name);

#define STRIKE(name, kind, failed)                                   \
    switch (strike(name, kind)) {                                    \
    case 1:                                                          \
        return failed;                                               \
    case 2:                                                          \
        die();                                                       \
    }

#define WRAP(type, name, kind, failed, parameters, arguments)        \
    type name parameters                                             \
    {                                                                \
        static type(*real) parameters;                               \
        if (!real)                                                   \
            real = (type(*) parameters)dlsym(RTLD_NEXT, #name);      \
        STRIKE(#name, kind, failed)                                  \
        return real arguments;                                       \
    }

static int kind_of_open(int flags)
{
    if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE)
        return CHANGES | NEEDS_SPACE | NEEDS_DESCRIPTOR;
    return (flags & O_TRUNC ? CHANGES : LOOKS) | NEEDS_DESCRIPTOR;
}

#define OPEN(name)                                                   \
    int name(const char *path, int flags, ...)                       \
    {                                                                \
        REAL(int, name, const char *, int, ...)                      \
        va_list rest;                                                \
        va_start(rest, flags);                                       \
        mode_t mode = va_arg(rest, int);                             \
        va_end(rest);                                                \
        STRIKE("open", kind_of_open(flags), -1)                      \
        return real(path, flags, mode);                              \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                 \
    int name(int at, const char *path, int flags, ...)               \
    {                                                                \
        REAL(int, name, int, const char *, int, ...)                 \
        va_list rest;                                                \
        va_start(rest, flags);                                       \
        mode_t mode = va_arg(rest, int);                             \
        va_end(rest);                                                \
        STRIKE("openat", kind_of_open(flags), -1)                    \
        return real(at, path, flags, mode);                          \
    }
OPENAT(openat)
OPENAT(openat64)

/* A kill in a write leaves half of it: the disk can stop anywhere. */
#define WRITE(name, parameters, half, whole)                         \
    ssize_t name parameters                                          \
    {                                                                \
        static ssize_t(*real) parameters;                            \
        if (!real)                                                   \
            real = (ssize_t(*) parameters)dlsym(RTLD_NEXT, #name);   \
        switch (strike("write", CHANGES | NEEDS_SPACE)) {            \
        case 1:                                                      \
            return -1;                                               \
        case 2:                                                      \
            if (size > 1)                                            \
                (void)!half;                                         \
            die();                                                   \
        }                                                            \
        written(fd);                                                 \
        return whole;                                                \
    }
WRITE(write, (int fd, const void *data, size_t size),
      real(fd, data, size / 2), real(fd, data, size))
WRITE(pwrite64, (int fd, const void *data, size_t size, off64_t at),
      real(fd, data, size / 2, at), real(fd, data, size, at))

#define WRITE_SEVERAL(name, parameters, half, whole)                 \
    ssize_t name parameters                                          \
    {                                                                \
        static ssize_t(*real) parameters;                            \
        if (!real)                                                   \
            real = (ssize_t(*) parameters)dlsym(RTLD_NEXT, #name);   \
        switch (strike("write", CHANGES | NEEDS_SPACE)) {            \
        case 1:                                                      \
            return -1;                                               \
        case 2:                                                      \
            if (n > 1)                                               \
                (void)!half;                                         \
            die();                                                   \
        }                                                            \
        written(fd);                                                 \
        return whole;                                                \
    }
WRITE_SEVERAL(pwritev64, (int fd, const struct iovec *v, int n, off64_t at),
              real(fd, v, n / 2, at), real(fd, v, n, at))
WRITE_SEVERAL(pwritev64v2, (int fd, const struct iovec *v, int n, off64_t at, int flags),
              real(fd, v, n / 2, at, flags), real(fd, v, n, at, flags))
WRITE_SEVERAL(writev, (int fd, const struct iovec *v, int n),
              real(fd, v, n / 2), real(fd, v, n))
/* What an fsync reported, a close does not report again. */
#define SYNC(name)                                                   \
    int name(int fd)                                                 \
    {                                                                \
        REAL(int, name, int)                                         \
        if (fd >= 0 && fd < (int)sizeof unsynced)                    \
            unsynced[fd] = 0;                                        \
        STRIKE(#name, CHANGES | NEEDS_SPACE, -1)                     \
        return real(fd);                                             \
    }
SYNC(fsync)
SYNC(fdatasync)
WRAP(int, syncfs, CHANGES | NEEDS_SPACE, -1, (int fd), (fd))
WRAP(int, rename, CHANGES, -1, (const char *a, const char *b), (a, b))
WRAP(int, renameat, CHANGES, -1, (int d, const char *a, int e, const char *b), (d, a, e, b))
WRAP(int, renameat2, CHANGES, -1, (int d, const char *a, int e, const char *b, unsigned f),
     (d, a, e, b, f))
WRAP(int, link, CHANGES | NEEDS_SPACE, -1, (const char *a, const char *b), (a, b))
WRAP(int, linkat, CHANGES | NEEDS_SPACE, -1, (int d, const char *a, int e, const char *b, int f),
     (d, a, e, b, f))
WRAP(int, symlink, CHANGES | NEEDS_SPACE, -1, (const char *a, const char *b), (a, b))
WRAP(int, symlinkat, CHANGES | NEEDS_SPACE, -1, (const char *a, int d, const char *b), (a, d, b))
WRAP(int, unlink, CHANGES, -1, (const char *a), (a))
WRAP(int, unlinkat, CHANGES, -1, (int d, const char *a, int f), (d, a, f))
WRAP(int, mkdir, CHANGES | NEEDS_SPACE, -1, (const char *a, mode_t m), (a, m))
WRAP(int, mkdirat, CHANGES | NEEDS_SPACE, -1, (int d, const char *a, mode_t m), (d, a, m))
WRAP(int, rmdir, CHANGES, -1, (const char *a), (a))
WRAP(int, ftruncate64, CHANGES | NEEDS_SPACE, -1, (int fd, off64_t n), (fd, n))
WRAP(int, truncate64, CHANGES | NEEDS_SPACE, -1, (const char *a, off64_t n), (a, n))
WRAP(int, posix_fallocate64, CHANGES | NEEDS_SPACE, error_number, (int fd, off64_t o, off64_t n),
     (fd, o, n))
WRAP(int, chmod, CHANGES, -1, (const char *a, mode_t m), (a, m))
WRAP(int, fchmod, CHANGES, -1, (int fd, mode_t m), (fd, m))
WRAP(int, fchmodat, CHANGES, -1, (int d, const char *a, mode_t m, int f), (d, a, m, f))
WRAP(int, utimensat, CHANGES, -1, (int d, const char *a, const struct timespec t[2], int f),
     (d, a, t, f))
WRAP(int, futimens, CHANGES, -1, (int fd, const struct timespec t[2]), (fd, t))
WRAP(ssize_t, copy_file_range, CHANGES | NEEDS_SPACE, -1,
     (int a, off64_t *b, int c, off64_t *d, size_t n, unsigned f), (a, b, c, d, n, f))
WRAP(ssize_t, sendfile64, CHANGES | NEEDS_SPACE, -1, (int a, int b, off64_t *o, size_t n), (a, b, o, n))

WRAP(ssize_t, read, LOOKS, -1, (int fd, void *data, size_t n), (fd, data, n))
WRAP(ssize_t, pread64, LOOKS, -1, (int fd, void *data, size_t n, off64_t o), (fd, data, n, o))
WRAP(ssize_t, preadv64, LOOKS, -1, (int fd, const struct iovec *v, int n, off64_t o),
     (fd, v, n, o))
WRAP(ssize_t, preadv64v2, LOOKS, -1, (int fd, const struct iovec *v, int n, off64_t o, int f),
     (fd, v, n, o, f))
WRAP(DIR *, opendir, LOOKS | NEEDS_DESCRIPTOR, NULL, (const char *a), (a))
WRAP(DIR *, fdopendir, LOOKS, NULL, (int fd), (fd))
WRAP(struct dirent64 *, readdir64, LOOKS, NULL, (DIR * d), (d))
WRAP(int, stat64, LOOKS, -1, (const char *a, struct stat64 *s), (a, s))
WRAP(int, lstat64, LOOKS, -1, (const char *a, struct stat64 *s), (a, s))
WRAP(int, fstat64, LOOKS, -1, (int fd, struct stat64 *s), (fd, s))
WRAP(int, fstatat64, LOOKS, -1, (int d, const char *a, struct stat64 *s, int f), (d, a, s, f))
WRAP(int, access, LOOKS, -1, (const char *a, int m), (a, m))
WRAP(int, faccessat, LOOKS, -1, (int d, const char *a, int m, int f), (d, a, m, f))
WRAP(ssize_t, readlink, LOOKS, -1, (const char *a, char *b, size_t n), (a, b, n))
WRAP(ssize_t, readlinkat, LOOKS, -1, (int d, const char *a, char *b, size_t n), (d, a, b, n))
WRAP(int, statvfs64, LOOKS, -1, (const char *a, struct statvfs64 *s), (a, s))
WRAP(int, fstatvfs64, LOOKS, -1, (int fd, struct statvfs64 *s), (fd, s))
WRAP(int, flock, LOOKS, -1, (int fd, int how), (fd, how))

void *mmap64(void *where, size_t n, int protection, int flags, int fd, off64_t offset)
{
    REAL(void *, mmap64, void *, size_t, int, int, int, off64_t)
    if (fd >= 0)
        STRIKE("mmap", LOOKS, MAP_FAILED)
    return real(where, n, protection, flags, fd, offset);
}

int fcntl64(int fd, int command, ...)
{
    REAL(int, fcntl64, int, int, ...)
    va_list rest;
    va_start(rest, command);
    long argument = va_arg(rest, long);
    va_end(rest);
    if (command == F_DUPFD_CLOEXEC)
        STRIKE("dup", LOOKS | NEEDS_DESCRIPTOR, -1)
    return real(fd, command, argument);
}

/* A close that fails closes all the same. */
int close(int fd)
{
    REAL(int, close, int)
    int late = fd >= 0 && fd < (int)sizeof unsynced && unsynced[fd];
    if (late)
        unsynced[fd] = 0;
    int failed = late ? strike("close", LOOKS | NEEDS_SPACE) : 0;
    int number = errno, result = real(fd);
    if (failed != 1)
        return result;
    errno = number;
    return -1;
}
