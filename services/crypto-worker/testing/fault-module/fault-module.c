/*
 * A PKCS#11 module that stands in front of another one and fails as devices do. It forwards every call to the module
 * that STRONGROOM_FAULT_MODULE names, and does to it what the file of STRONGROOM_FAULT_STEERING says. A test maps nothing
 * and waits for nothing: it writes words into the file, and this module sees them at its next call, because a shared
 * mapping of a file and its page cache are the same memory. `steering.ts` is the other side of the layout below.
 *
 * Every parameter of Cryptoki 2.40 is a CK_ULONG, a pointer, or the one CK_BBOOL of C_GetSlotList; all of them travel
 * as one machine word in the calling conventions of the systems that the tests run on. So one function carries all
 * sixty-eight calls, and a row of the table says no more than a name and how many words there are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

typedef unsigned long word;

#define CKR_OK 0UL
#define CKR_GENERAL_ERROR 5UL

/* In the order of CK_FUNCTION_LIST, with the number of parameters. */
#define CALLS(X)                                                                                                      \
  X(C_Initialize, 1) X(C_Finalize, 1) X(C_GetInfo, 1) X(C_GetFunctionList, 1) X(C_GetSlotList, 3)                     \
  X(C_GetSlotInfo, 2) X(C_GetTokenInfo, 2) X(C_GetMechanismList, 3) X(C_GetMechanismInfo, 3) X(C_InitToken, 4)        \
  X(C_InitPIN, 3) X(C_SetPIN, 5) X(C_OpenSession, 5) X(C_CloseSession, 1) X(C_CloseAllSessions, 1)                    \
  X(C_GetSessionInfo, 2) X(C_GetOperationState, 3) X(C_SetOperationState, 5) X(C_Login, 4) X(C_Logout, 1)             \
  X(C_CreateObject, 4) X(C_CopyObject, 5) X(C_DestroyObject, 2) X(C_GetObjectSize, 3) X(C_GetAttributeValue, 4)       \
  X(C_SetAttributeValue, 4) X(C_FindObjectsInit, 3) X(C_FindObjects, 4) X(C_FindObjectsFinal, 1)                      \
  X(C_EncryptInit, 3) X(C_Encrypt, 5) X(C_EncryptUpdate, 5) X(C_EncryptFinal, 3) X(C_DecryptInit, 3)                  \
  X(C_Decrypt, 5) X(C_DecryptUpdate, 5) X(C_DecryptFinal, 3) X(C_DigestInit, 2) X(C_Digest, 5)                        \
  X(C_DigestUpdate, 3) X(C_DigestKey, 2) X(C_DigestFinal, 3) X(C_SignInit, 3) X(C_Sign, 5) X(C_SignUpdate, 3)         \
  X(C_SignFinal, 3) X(C_SignRecoverInit, 3) X(C_SignRecover, 5) X(C_VerifyInit, 3) X(C_Verify, 5)                     \
  X(C_VerifyUpdate, 3) X(C_VerifyFinal, 3) X(C_VerifyRecoverInit, 3) X(C_VerifyRecover, 5)                            \
  X(C_DigestEncryptUpdate, 5) X(C_DecryptDigestUpdate, 5) X(C_SignEncryptUpdate, 5) X(C_DecryptVerifyUpdate, 5)       \
  X(C_GenerateKey, 5) X(C_GenerateKeyPair, 8) X(C_WrapKey, 6) X(C_UnwrapKey, 8) X(C_DeriveKey, 6) X(C_SeedRandom, 3)  \
  X(C_GenerateRandom, 3) X(C_GetFunctionStatus, 1) X(C_CancelFunction, 1) X(C_WaitForSlotEvent, 3)

#define AS_INDEX(name, arity) I_##name,
enum { CALLS(AS_INDEX) CALL_COUNT };

#define AS_ARITY(name, arity) arity,
static const unsigned char arities[CALL_COUNT] = {CALLS(AS_ARITY)};

struct function_list {
  unsigned char version[2];
  void *calls[CALL_COUNT];
};

/* The steering file: 32-bit words. */
enum { RULES = 16, ANY_CALL = 0xffff };
enum action { FAIL = 1, FAIL_AFTER, DELAY_MS, HANG, DROP_SESSIONS, OTHER_HANDLE };

struct rule {
  uint32_t armed, call, skip, times, action, value, seen, fired;
};

struct steering {
  uint32_t released; /* counts up; whoever hangs goes on when it moves */
  uint32_t hanging, sessions_open, sessions_opened, sessions_open_max;
  uint32_t reserved[11];
  uint32_t calls[CALL_COUNT];
  uint32_t padding[44];
  struct rule rules[RULES];
};
_Static_assert(CALL_COUNT == 68, "Cryptoki 2.40 has 68 calls");
_Static_assert(sizeof(struct steering) == 4 * (128 + 8 * RULES), "steering.ts knows this layout");

static struct function_list *real;
static struct steering *steering;
static word last_slot;

#define ADD(counter, by) __atomic_fetch_add(&(counter), (uint32_t)(by), __ATOMIC_SEQ_CST)
#define READ(counter) __atomic_load_n(&(counter), __ATOMIC_SEQ_CST)
#define SET(counter, value) __atomic_store_n(&(counter), value, __ATOMIC_SEQ_CST)

static void sleep_ms(uint32_t ms) {
  struct timespec left = {ms / 1000, (long)(ms % 1000) * 1000000};
  while (nanosleep(&left, &left) != 0) {
  }
}

/* The first rule that fits this call and is due. */
static struct rule *due(uint32_t call) {
  for (int at = 0; at < RULES; at += 1) {
    struct rule *rule = &steering->rules[at];
    if (!READ(rule->armed) || (rule->call != call && rule->call != ANY_CALL)) continue;
    uint32_t seen = ADD(rule->seen, 1);
    if (seen < rule->skip || seen - rule->skip >= rule->times) continue;
    ADD(rule->fired, 1);
    return rule;
  }
  return NULL;
}

static word forward(uint32_t call, const word *a) {
  void *target = real->calls[call];
  switch (arities[call]) {
    case 1: return ((word(*)(word))target)(a[0]);
    case 2: return ((word(*)(word, word))target)(a[0], a[1]);
    case 3: return ((word(*)(word, word, word))target)(a[0], a[1], a[2]);
    case 4: return ((word(*)(word, word, word, word))target)(a[0], a[1], a[2], a[3]);
    case 5: return ((word(*)(word, word, word, word, word))target)(a[0], a[1], a[2], a[3], a[4]);
    case 6: return ((word(*)(word, word, word, word, word, word))target)(a[0], a[1], a[2], a[3], a[4], a[5]);
    default:
      return ((word(*)(word, word, word, word, word, word, word, word))target)(a[0], a[1], a[2], a[3], a[4], a[5],
                                                                               a[6], a[7]);
  }
}

static void count_sessions(uint32_t call, const word *a) {
  if (call == I_C_OpenSession) {
    last_slot = a[0];
    ADD(steering->sessions_opened, 1);
    uint32_t open = ADD(steering->sessions_open, 1) + 1;
    if (open > READ(steering->sessions_open_max)) SET(steering->sessions_open_max, open);
  }
  if (call == I_C_CloseSession) ADD(steering->sessions_open, -1);
  if (call == I_C_CloseAllSessions || call == I_C_Finalize) SET(steering->sessions_open, 0);
}

/* Where a call puts the handle that it answers with; of a key pair the private one. */
static word *answered_handle(uint32_t call, const word *a) {
  switch (call) {
    case I_C_OpenSession: return (word *)a[4];
    case I_C_CreateObject: return (word *)a[3];
    case I_C_FindObjects: return *(word *)a[3] > 0 ? (word *)a[1] : NULL;
    case I_C_GenerateKey: return (word *)a[4];
    case I_C_GenerateKeyPair: return (word *)a[7];
    case I_C_UnwrapKey: return (word *)a[7];
    default: return NULL;
  }
}

static void hang(void) {
  uint32_t before = READ(steering->released);
  ADD(steering->hanging, 1);
  while (READ(steering->released) == before) sleep_ms(1);
  ADD(steering->hanging, -1);
}

static word pass(uint32_t call, const word *a) {
  if (steering == NULL) return forward(call, a);
  ADD(steering->calls[call], 1);
  struct rule *rule = due(call);
  enum action action = rule == NULL ? 0 : (enum action)rule->action;
  if (action == FAIL) return rule->value;
  if (action == DELAY_MS) sleep_ms(rule->value);
  if (action == HANG) hang();
  if (action == DROP_SESSIONS) {
    word slot[] = {last_slot};
    if (forward(I_C_CloseAllSessions, slot) == CKR_OK) SET(steering->sessions_open, 0);
  }
  word answer = forward(call, a);
  if (answer == CKR_OK) count_sessions(call, a);
  if (action == FAIL_AFTER) return rule->value;
  if (action == OTHER_HANDLE && answer == CKR_OK) {
    word *handle = answered_handle(call, a);
    if (handle != NULL) *handle = rule->value;
  }
  return answer;
}

#define PARAMETERS_1 word a
#define PARAMETERS_2 PARAMETERS_1, word b
#define PARAMETERS_3 PARAMETERS_2, word c
#define PARAMETERS_4 PARAMETERS_3, word d
#define PARAMETERS_5 PARAMETERS_4, word e
#define PARAMETERS_6 PARAMETERS_5, word f
#define PARAMETERS_8 PARAMETERS_6, word g, word h
#define WORDS_1 a
#define WORDS_2 WORDS_1, b
#define WORDS_3 WORDS_2, c
#define WORDS_4 WORDS_3, d
#define WORDS_5 WORDS_4, e
#define WORDS_6 WORDS_5, f
#define WORDS_8 WORDS_6, g, h
#define AS_CALL(name, arity)                                                                                          \
  static word pass_##name(PARAMETERS_##arity) {                                                                       \
    const word words[] = {WORDS_##arity};                                                                             \
    return pass(I_##name, words);                                                                                     \
  }
CALLS(AS_CALL)

#define AS_POINTER(name, arity) (void *)pass_##name,
static struct function_list ours = {{2, 40}, {CALLS(AS_POINTER)}};

static struct steering *map_steering(const char *path) {
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return NULL;
  void *memory = mmap(NULL, sizeof(struct steering), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return memory == MAP_FAILED ? NULL : memory;
}

/* The one symbol that a module has to have. */
__attribute__((visibility("default"))) word C_GetFunctionList(struct function_list **list) {
  const char *module = getenv("STRONGROOM_FAULT_MODULE");
  const char *path = getenv("STRONGROOM_FAULT_STEERING");
  if (real == NULL) {
    void *library = module == NULL ? NULL : dlopen(module, RTLD_NOW | RTLD_LOCAL);
    word (*get)(struct function_list **) =
        library == NULL ? NULL : (word(*)(struct function_list **))dlsym(library, "C_GetFunctionList");
    if (get == NULL || get(&real) != CKR_OK) {
      fprintf(stderr, "fault module: STRONGROOM_FAULT_MODULE names no PKCS#11 module\n");
      return CKR_GENERAL_ERROR;
    }
    if (path != NULL && (steering = map_steering(path)) == NULL) {
      fprintf(stderr, "fault module: the file of STRONGROOM_FAULT_STEERING can not be mapped\n");
      return CKR_GENERAL_ERROR;
    }
  }
  *list = &ours;
  return CKR_OK;
}
