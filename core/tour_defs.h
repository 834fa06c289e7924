/* Constants of the sums that a tour is checked by. Private to core/tour*.c. */
#ifndef CORE_TOUR_DEFS_H
#define CORE_TOUR_DEFS_H

/* FNV-1a, 64 bits: "The FNV Non-Cryptographic Hash Algorithm". */
#define FNV_START	UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME	UINT64_C(0x100000001b3)

/* CRC-32, bits reflected. IEEE 802.3 "Frame Check Sequence field" 3.2.9 */
#define CRC_POLYNOMIAL	0xedb88320u

#endif
