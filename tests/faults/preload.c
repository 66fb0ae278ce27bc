/* One counter for every change below a folder, made by a whole tree of processes, and a fault at one of them.

   Loaded by LD_PRELOAD into a program and all that it starts. FAULT_MAP names a file that all of them map: its head
   says which folder, which calls and what is to happen at which of them (written by interposer.py, which has the same
   layout); behind it are the counters, what was hit, every process that took part, and a list of all the calls.

   A call is counted before it is made, so a kill at call N leaves the N - 1 changes before it. What a static program
   or a raw system call changes is not seen: audit.py compares with strace.  */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utime.h>

enum { COUNT, TREE, SELF, TOOL, ERRNO };
enum { OPEN = 1, WRITE = 2, NAME = 4, MAKE = 8, REMOVE = 16, MODE = 32, SIZE = 64, TIME = 128, SYNC = 256 };
#define PROCESSES 32768
#define CALLS 65536
#define PATHS 216

struct process { int32_t pid, unused; uint64_t start; };
struct call { uint32_t pid, kind; char program[16], name[16], path[PATHS]; };

struct map {
    uint32_t mode, classes, error, torn;
    uint64_t at, until;
    char root[512], program[64], part[256];
    char unused[4096 - 864];
    _Atomic uint64_t calls, matched;
    _Atomic uint32_t dead, processes;
    _Atomic int32_t tool;
    _Atomic uint32_t fired;
    struct call hit;
    char more[4096 - 32 - sizeof(struct call)];
    struct process process[PROCESSES];
    struct call call[CALLS];
};

static struct map *map;
static char program[16];
static size_t root_length;

static uint64_t start_of(int pid)
{
    char name[64], text[1024], *at;
    snprintf(name, sizeof name, "/proc/%d/stat", pid);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) return 0;
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    if (size <= 0) return 0;
    text[size] = 0;
    at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
    return at ? strtoull(at + 1, 0, 10) : 0;
}

static void end_if_dead(void)
{
    if (map && atomic_load(&map->dead)) { kill(getpid(), SIGKILL); for (;;) pause(); }
}

static void take_part(void)
{
    if (!map) return;
    int32_t none = 0;
    atomic_compare_exchange_strong(&map->tool, &none, getpid());
    snprintf(program, sizeof program, "%.15s", getpid() == atomic_load(&map->tool) ? "tool" : program_invocation_short_name);
    uint32_t slot = atomic_fetch_add(&map->processes, 1);
    if (slot < PROCESSES) {
        map->process[slot].start = start_of(getpid());
        map->process[slot].pid = getpid();
    }
    end_if_dead();
}

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("FAULT_MAP");
    if (map || !name) return;
    int fd = open(name, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *at = mmap(0, sizeof *map, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at == MAP_FAILED) return;
    map = at;
    root_length = strlen(map->root);
    pthread_atfork(0, 0, take_part);
    take_part();
}

static void end_all(void)
{
    atomic_store(&map->dead, 1);
    for (int round = 0; round < 2; round++) {
        uint32_t count = atomic_load(&map->processes);
        for (uint32_t i = 0; i < count && i < PROCESSES; i++) {
            struct process *each = &map->process[i];
            if (each->pid && each->pid != getpid() && start_of(each->pid) == each->start) kill(each->pid, SIGKILL);
        }
    }
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* `path` from `folder`, without . and .. : into `out`, of PATH_MAX bytes. */
static int absolute(int folder, const char *path, char *out)
{
    size_t size = 0;
    if (path[0] != '/') {
        if (folder == AT_FDCWD) {
            if (!getcwd(out, PATH_MAX)) return 0;
        } else {
            char name[64];
            snprintf(name, sizeof name, "/proc/self/fd/%d", folder);
            ssize_t got = readlink(name, out, PATH_MAX - 1);
            if (got < 0) return 0;
            out[got] = 0;
        }
        size = strlen(out);
    }
    while (*path) {
        while (*path == '/') path++;
        size_t part = strcspn(path, "/");
        if (part == 2 && path[0] == '.' && path[1] == '.') {
            while (size && out[--size] != '/') ;
        } else if (part && !(part == 1 && *path == '.')) {
            if (size + part + 2 > PATH_MAX) return 0;
            out[size++] = '/';
            memcpy(out + size, path, part);
            size += part;
        }
        path += part;
    }
    out[size] = 0;
    return 1;
}

static void note(struct call *call, int kind, const char *name, const char *path)
{
    size_t size = strlen(path);
    call->pid = (uint32_t)getpid();
    memcpy(call->program, program, sizeof program);
    snprintf(call->name, sizeof call->name, "%s", name);
    snprintf(call->path, sizeof call->path, "%s", size < PATHS ? path : path + size - PATHS + 1);
    call->kind = (uint32_t)kind;
}

/* Count one call; what comes back is the error that it must end with, or 0. `text`: what a torn write would write. */
static int counted(int kind, const char *name, const char *path, int fd, const void *text, size_t size)
{
    end_if_dead();
    if (strncmp(path, map->root, root_length) || (path[root_length] && path[root_length] != '/')) return 0;
    path += root_length + !!path[root_length];
    uint64_t here = atomic_fetch_add(&map->calls, 1);
    if (here < CALLS) note(&map->call[here], kind, name, path);
    if (map->classes && !(map->classes & (uint32_t)kind)) return 0;
    if (map->program[0] && strcmp(map->program, program)) return 0;
    if (map->part[0] && !strstr(path, map->part)) return 0;
    uint64_t number = atomic_fetch_add(&map->matched, 1) + 1;
    if (map->mode == COUNT || number < map->at || number > map->until) return 0;
    if (!atomic_fetch_add(&map->fired, 1)) note(&map->hit, kind, name, path);
    if (map->mode == ERRNO) return (int)map->error;
    if (map->torn && text && size > 1) syscall(SYS_write, fd, text, size / 2);
    if (map->mode == TREE) end_all();
    if (map->mode == SELF) kill(getpid(), SIGKILL);
    if (map->mode == TOOL) kill(atomic_load(&map->tool), SIGKILL);
    return 0;
}

static int at_path(int kind, const char *name, int folder, const char *path)
{
    char full[PATH_MAX];
    if (!map || !path || !absolute(folder, path, full)) return 0;
    return counted(kind, name, full, -1, 0, 0);
}

static int at_file(int kind, const char *name, int fd, const void *text, size_t size)
{
    char link[64], full[PATH_MAX];
    struct stat about;
    if (!map || fd < 0 || fstat(fd, &about) || !(S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t got = readlink(link, full, PATH_MAX - 1);
    if (got < 0) return 0;
    full[got] = 0;
    return counted(kind, name, full, fd, text, size);
}

#define FAIL(problem, value) do { int wrong = (problem); if (wrong) { errno = wrong; return value; } } while (0)
#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)
#define CHANGES(flags) (((flags) & O_ACCMODE) != O_RDONLY && ((flags) & (O_CREAT | O_TRUNC)))
#define MODE_OF(flags) mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); \
    mode = va_arg(rest, mode_t); va_end(rest); }

#define OPENING(name) int name(const char *path, int flags, ...) { \
    REAL(int, name, const char *, int, ...); MODE_OF(flags) \
    if (CHANGES(flags)) FAIL(at_path(OPEN, "open", AT_FDCWD, path), -1); \
    return real(path, flags, mode); }
OPENING(open) OPENING(open64)
#define OPENING_AT(name) int name(int folder, const char *path, int flags, ...) { \
    REAL(int, name, int, const char *, int, ...); MODE_OF(flags) \
    if (CHANGES(flags)) FAIL(at_path(OPEN, "open", folder, path), -1); \
    return real(folder, path, flags, mode); }
OPENING_AT(openat) OPENING_AT(openat64)
#define OPENING_TWO(name) int name(const char *path, int flags) { \
    REAL(int, name, const char *, int); \
    if (CHANGES(flags)) FAIL(at_path(OPEN, "open", AT_FDCWD, path), -1); \
    return real(path, flags); }
OPENING_TWO(__open_2) OPENING_TWO(__open64_2)
#define OPENING_AT_TWO(name) int name(int folder, const char *path, int flags) { \
    REAL(int, name, int, const char *, int); \
    if (CHANGES(flags)) FAIL(at_path(OPEN, "open", folder, path), -1); \
    return real(folder, path, flags); }
OPENING_AT_TWO(__openat_2) OPENING_AT_TWO(__openat64_2)
#define STREAM(name) FILE *name(const char *path, const char *mode) { \
    REAL(FILE *, name, const char *, const char *); \
    if (strpbrk(mode, "wa")) FAIL(at_path(OPEN, "open", AT_FDCWD, path), NULL); \
    return real(path, mode); }
STREAM(fopen) STREAM(fopen64)
#define REOPEN(name) FILE *name(const char *path, const char *mode, FILE *stream) { \
    REAL(FILE *, name, const char *, const char *, FILE *); \
    if (strpbrk(mode, "wa")) FAIL(at_path(OPEN, "open", AT_FDCWD, path), NULL); \
    return real(path, mode, stream); }
REOPEN(freopen) REOPEN(freopen64)

/* Calls that name one path: kind, function, its path's folder and name, its parameters, its arguments. */
#define ONE(kind, name, folder, path, parameters, arguments) int name parameters { \
    REAL(int, name, PLAIN parameters); FAIL(at_path(kind, #name, folder, path), -1); return real arguments; }
#define PLAIN(...) __VA_ARGS__
ONE(OPEN, creat, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
ONE(OPEN, creat64, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
ONE(OPEN, mkstemp, AT_FDCWD, path, (char *path), (path))
ONE(OPEN, mkstemp64, AT_FDCWD, path, (char *path), (path))
ONE(OPEN, mkostemp, AT_FDCWD, path, (char *path, int flags), (path, flags))
ONE(OPEN, mkostemp64, AT_FDCWD, path, (char *path, int flags), (path, flags))
ONE(OPEN, mkstemps, AT_FDCWD, path, (char *path, int end), (path, end))
ONE(OPEN, mkstemps64, AT_FDCWD, path, (char *path, int end), (path, end))
ONE(OPEN, mkostemps, AT_FDCWD, path, (char *path, int end, int flags), (path, end, flags))
ONE(NAME, rename, AT_FDCWD, to, (const char *from, const char *to), (from, to))
ONE(NAME, renameat, there, to, (int here, const char *from, int there, const char *to), (here, from, there, to))
ONE(NAME, renameat2, there, to, (int here, const char *from, int there, const char *to, unsigned flags), (here, from, there, to, flags))
ONE(MAKE, link, AT_FDCWD, to, (const char *from, const char *to), (from, to))
ONE(MAKE, linkat, there, to, (int here, const char *from, int there, const char *to, int flags), (here, from, there, to, flags))
ONE(MAKE, symlink, AT_FDCWD, path, (const char *target, const char *path), (target, path))
ONE(MAKE, symlinkat, folder, path, (const char *target, int folder, const char *path), (target, folder, path))
ONE(MAKE, mkdir, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
ONE(MAKE, mkdirat, folder, path, (int folder, const char *path, mode_t mode), (folder, path, mode))
ONE(MAKE, mknod, AT_FDCWD, path, (const char *path, mode_t mode, dev_t device), (path, mode, device))
ONE(MAKE, mknodat, folder, path, (int folder, const char *path, mode_t mode, dev_t device), (folder, path, mode, device))
ONE(MAKE, mkfifo, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
ONE(REMOVE, unlink, AT_FDCWD, path, (const char *path), (path))
ONE(REMOVE, unlinkat, folder, path, (int folder, const char *path, int flags), (folder, path, flags))
ONE(REMOVE, remove, AT_FDCWD, path, (const char *path), (path))
ONE(REMOVE, rmdir, AT_FDCWD, path, (const char *path), (path))
ONE(MODE, chmod, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
ONE(MODE, lchmod, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
ONE(MODE, fchmodat, folder, path, (int folder, const char *path, mode_t mode, int flags), (folder, path, mode, flags))
ONE(MODE, chown, AT_FDCWD, path, (const char *path, uid_t user, gid_t group), (path, user, group))
ONE(MODE, lchown, AT_FDCWD, path, (const char *path, uid_t user, gid_t group), (path, user, group))
ONE(MODE, fchownat, folder, path, (int folder, const char *path, uid_t user, gid_t group, int flags), (folder, path, user, group, flags))
ONE(SIZE, truncate, AT_FDCWD, path, (const char *path, off_t size), (path, size))
ONE(SIZE, truncate64, AT_FDCWD, path, (const char *path, off64_t size), (path, size))
ONE(TIME, utime, AT_FDCWD, path, (const char *path, const struct utimbuf *times), (path, times))
ONE(TIME, utimes, AT_FDCWD, path, (const char *path, const struct timeval times[2]), (path, times))
ONE(TIME, lutimes, AT_FDCWD, path, (const char *path, const struct timeval times[2]), (path, times))
ONE(TIME, utimensat, folder, path, (int folder, const char *path, const struct timespec times[2], int flags), (folder, path, times, flags))
ONE(MODE, setxattr, AT_FDCWD, path, (const char *path, const char *name, const void *value, size_t size, int flags), (path, name, value, size, flags))

char *mkdtemp(char *path)
{
    REAL(char *, mkdtemp, char *);
    FAIL(at_path(MAKE, "mkdtemp", AT_FDCWD, path), NULL);
    return real(path);
}

/* Calls on an open file. */
#define HELD(kind, name, fd, parameters, arguments) int name parameters { \
    REAL(int, name, PLAIN parameters); FAIL(at_file(kind, #name, fd, 0, 0), -1); return real arguments; }
HELD(MODE, fchmod, fd, (int fd, mode_t mode), (fd, mode))
HELD(MODE, fchown, fd, (int fd, uid_t user, gid_t group), (fd, user, group))
HELD(SIZE, ftruncate, fd, (int fd, off_t size), (fd, size))
HELD(SIZE, ftruncate64, fd, (int fd, off64_t size), (fd, size))
HELD(SIZE, fallocate, fd, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size))
HELD(SIZE, fallocate64, fd, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size))
HELD(TIME, futimens, fd, (int fd, const struct timespec times[2]), (fd, times))
HELD(TIME, futimes, fd, (int fd, const struct timeval times[2]), (fd, times))
HELD(SYNC, fsync, fd, (int fd), (fd))
HELD(SYNC, fdatasync, fd, (int fd), (fd))
HELD(SYNC, syncfs, fd, (int fd), (fd))
int posix_fallocate(int fd, off_t at, off_t size)
{
    REAL(int, posix_fallocate, int, off_t, off_t);
    int wrong = at_file(SIZE, "posix_fallocate", fd, 0, 0);
    return wrong ? wrong : real(fd, at, size);
}
#define WRITING(name, text, size, parameters, arguments) ssize_t name parameters { \
    REAL(ssize_t, name, PLAIN parameters); FAIL(at_file(WRITE, #name, fd, text, size), -1); return real arguments; }
WRITING(write, text, size, (int fd, const void *text, size_t size), (fd, text, size))
WRITING(pwrite, 0, 0, (int fd, const void *text, size_t size, off_t at), (fd, text, size, at))
WRITING(pwrite64, 0, 0, (int fd, const void *text, size_t size, off64_t at), (fd, text, size, at))
WRITING(writev, 0, 0, (int fd, const struct iovec *parts, int count), (fd, parts, count))
WRITING(pwritev, 0, 0, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at))
WRITING(pwritev64, 0, 0, (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at))
WRITING(sendfile, 0, 0, (int fd, int from, off_t *at, size_t size), (fd, from, at, size))
WRITING(sendfile64, 0, 0, (int fd, int from, off64_t *at, size_t size), (fd, from, at, size))
WRITING(copy_file_range, 0, 0, (int from, off64_t *here, int fd, off64_t *there, size_t size, unsigned flags), (from, here, fd, there, size, flags))

/* What the C library buffers reaches the file in the middle of it, out of sight: at the latest when it is closed. */
static int at_stream(const char *name, FILE *stream)
{
    return __fwriting(stream) && __fpending(stream) ? at_file(WRITE, name, fileno(stream), 0, 0) : 0;
}
int fflush(FILE *stream)
{
    REAL(int, fflush, FILE *);
    if (stream) FAIL(at_stream("fflush", stream), EOF);
    return real(stream);
}
int fclose(FILE *stream)
{
    REAL(int, fclose, FILE *);
    int wrong = at_stream("fclose", stream);
    if (!wrong) return real(stream);
    __fpurge(stream);
    real(stream);
    errno = wrong;
    return EOF;
}
#define SEEKING(name, type) int name(FILE *stream, type at, int from) { \
    REAL(int, name, FILE *, type, int); \
    if (stream) FAIL(at_stream(#name, stream), -1); \
    return real(stream, at, from); }
SEEKING(fseek, long) SEEKING(fseeko, off_t) SEEKING(fseeko64, off64_t)
size_t fwrite(const void *text, size_t size, size_t count, FILE *stream)
{
    REAL(size_t, fwrite, const void *, size_t, size_t, FILE *);
    if (map && __fpending(stream) + size * count >= __fbufsize(stream)) FAIL(at_file(WRITE, "fwrite", fileno(stream), 0, 0), 0);
    return real(text, size, count, stream);
}

#define FICLONE 0x40049409
#define FICLONERANGE 0x4020940D
int ioctl(int fd, unsigned long request, ...)
{
    REAL(int, ioctl, int, unsigned long, ...);
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (request == FICLONE || request == FICLONERANGE) FAIL(at_file(WRITE, "ficlone", fd, 0, 0), -1);
    return real(fd, request, argument);
}

long syscall(long number, ...)
{
    REAL(long, syscall, long, ...);
    va_list rest;
    long a, b, c, d, e, f;
    va_start(rest, number);
    a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long);
    d = va_arg(rest, long), e = va_arg(rest, long), f = va_arg(rest, long);
    va_end(rest);
    if (!map) return real(number, a, b, c, d, e, f);
    switch (number) {
    case SYS_renameat2: FAIL(at_path(NAME, "renameat2", (int)c, (char *)d), -1); break;
    case SYS_linkat: FAIL(at_path(MAKE, "linkat", (int)c, (char *)d), -1); break;
    case SYS_mkdirat: FAIL(at_path(MAKE, "mkdirat", (int)a, (char *)b), -1); break;
    case SYS_unlinkat: FAIL(at_path(REMOVE, "unlinkat", (int)a, (char *)b), -1); break;
    case SYS_openat: if (CHANGES(c)) FAIL(at_path(OPEN, "open", (int)a, (char *)b), -1); break;
    case SYS_openat2: if (CHANGES(*(uint64_t *)c)) FAIL(at_path(OPEN, "open", (int)a, (char *)b), -1); break;
    case SYS_copy_file_range: FAIL(at_file(WRITE, "copy_file_range", (int)c, 0, 0), -1); break;
    }
    return real(number, a, b, c, d, e, f);
}
