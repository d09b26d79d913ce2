/* SPDX-License-Identifier: MIT */
#ifndef LIBSUBPROCESS_EXPORT_H
#define LIBSUBPROCESS_EXPORT_H

/* SP_API marks the functions that the library exports; everything else stays hidden. */
#if defined(_WIN32) && defined(SP_SHARED)
#  ifdef SP_BUILD
#    define SP_API __declspec(dllexport)
#  else
#    define SP_API __declspec(dllimport)
#  endif
#elif defined(__GNUC__)
#  define SP_API __attribute__((visibility("default")))
#else
#  define SP_API
#endif

#endif
