/* A clock that nobody can rely on: ten years back, ten years ahead, right again, changing with every few looks. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#define YEARS (10L * 365 * 24 * 60 * 60)

static long shift(void) {
    static unsigned looks;
    const char *steady = getenv("CLOCK_SHIFT"); /* seconds: the same all the time */
    if (steady)
        return atol(steady);
    switch (__sync_fetch_and_add(&looks, 1) / 3 % 3) {
    case 0: return YEARS;
    case 1: return -YEARS;
    default: return 0;
    }
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(clock, time);
    if (!status && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time->tv_sec += shift();
    return status;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    static int (*real)(struct timeval *, void *);
    if (!real)
        real = dlsym(RTLD_NEXT, "gettimeofday");
    int status = real(time, zone);
    if (!status && time)
        time->tv_sec += shift();
    return status;
}
