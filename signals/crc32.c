/* crc32.c: the checksum of binary streams, sixteen bytes a step.
 *
 * SPDX-License-Identifier: MIT
 *
 * table[k][i] is what byte i does to the checksum when k bytes follow it. It is linear: table[k][i ^ j] is
 * table[k][i] ^ table[k][j]. So the compiler makes the 4096 numbers of these 128, which are the polynomial,
 * shifted 0 to 127 times.
 */
#include "crc32.h"

#define E(i, a, b, c, d, e, f, g, h)                                                                         \
    ((i)&1 ? a : 0) ^ ((i)&2 ? b : 0) ^ ((i)&4 ? c : 0) ^ ((i)&8 ? d : 0) ^ ((i)&16 ? e : 0) ^               \
        ((i)&32 ? f : 0) ^ ((i)&64 ? g : 0) ^ ((i)&128 ? h : 0)
#define E4(i, ...) E(i, __VA_ARGS__), E(i + 1, __VA_ARGS__), E(i + 2, __VA_ARGS__), E(i + 3, __VA_ARGS__)
#define E16(i, ...)                                                                                          \
    E4(i, __VA_ARGS__), E4(i + 4, __VA_ARGS__), E4(i + 8, __VA_ARGS__), E4(i + 12, __VA_ARGS__)
#define E64(i, ...)                                                                                          \
    E16(i, __VA_ARGS__), E16(i + 16, __VA_ARGS__), E16(i + 32, __VA_ARGS__), E16(i + 48, __VA_ARGS__)
#define E256(i, ...)                                                                                         \
    E64(i, __VA_ARGS__), E64(i + 64, __VA_ARGS__), E64(i + 128, __VA_ARGS__), E64(i + 192, __VA_ARGS__)

#define STEP 16

static const uint32_t table[STEP][256] = {
    {E256(0, 0x77073096u, 0xee0e612cu, 0x076dc419u, 0x0edb8832u, 0x1db71064u, 0x3b6e20c8u, 0x76dc4190u,
          0xedb88320u)},
    {E256(0, 0x191b3141u, 0x32366282u, 0x646cc504u, 0xc8d98a08u, 0x4ac21251u, 0x958424a2u, 0xf0794f05u,
          0x3b83984bu)},
    {E256(0, 0x01c26a37u, 0x0384d46eu, 0x0709a8dcu, 0x0e1351b8u, 0x1c26a370u, 0x384d46e0u, 0x709a8dc0u,
          0xe1351b80u)},
    {E256(0, 0xb8bc6765u, 0xaa09c88bu, 0x8f629757u, 0xc5b428efu, 0x5019579fu, 0xa032af3eu, 0x9b14583du,
          0xed59b63bu)},
    {E256(0, 0x3d6029b0u, 0x7ac05360u, 0xf580a6c0u, 0x30704bc1u, 0x60e09782u, 0xc1c12f04u, 0x58f35849u,
          0xb1e6b092u)},
    {E256(0, 0xcb5cd3a5u, 0x4dc8a10bu, 0x9b914216u, 0xec53826du, 0x03d6029bu, 0x07ac0536u, 0x0f580a6cu,
          0x1eb014d8u)},
    {E256(0, 0xa6770bb4u, 0x979f1129u, 0xf44f2413u, 0x33ef4e67u, 0x67de9cceu, 0xcfbd399cu, 0x440b7579u,
          0x8816eaf2u)},
    {E256(0, 0xccaa009eu, 0x4225077du, 0x844a0efau, 0xd3e51bb5u, 0x7cbb312bu, 0xf9766256u, 0x299dc2edu,
          0x533b85dau)},
    {E256(0, 0x177b1443u, 0x2ef62886u, 0x5dec510cu, 0xbbd8a218u, 0xacc04271u, 0x82f182a3u, 0xde920307u,
          0x6655004fu)},
    {E256(0, 0xefc26b3eu, 0x04f5d03du, 0x09eba07au, 0x13d740f4u, 0x27ae81e8u, 0x4f5d03d0u, 0x9eba07a0u,
          0xe6050901u)},
    {E256(0, 0xc18edfc0u, 0x586cb9c1u, 0xb0d97382u, 0xbac3e145u, 0xaef6c4cbu, 0x869c8fd7u, 0xd64819efu,
          0x77e1359fu)},
    {E256(0, 0x9ba54c6fu, 0xec3b9e9fu, 0x03063b7fu, 0x060c76feu, 0x0c18edfcu, 0x1831dbf8u, 0x3063b7f0u,
          0x60c76fe0u)},
    {E256(0, 0xdd96d985u, 0x605cb54bu, 0xc0b96a96u, 0x5a03d36du, 0xb407a6dau, 0xb37e4bf5u, 0xbd8d91abu,
          0xa06a2517u)},
    {E256(0, 0x9d0fe176u, 0xe16ec4adu, 0x19ac8f1bu, 0x33591e36u, 0x66b23c6cu, 0xcd6478d8u, 0x41b9f7f1u,
          0x8373efe2u)},
    {E256(0, 0xb9fbdbe8u, 0xa886b191u, 0x8a7c6563u, 0xcf89cc87u, 0x44629f4fu, 0x88c53e9eu, 0xcafb7b7du,
          0x4e87f0bbu)},
    {E256(0, 0xae689191u, 0x87a02563u, 0xd4314c87u, 0x73139f4fu, 0xe6273e9eu, 0x173f7b7du, 0x2e7ef6fau,
          0x5cfdedf4u)},
};

static uint32_t four(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* What four bytes do when `behind` bytes follow them. */
static uint32_t apply(uint32_t bytes, unsigned behind)
{
    return table[behind + 3][bytes & 255] ^ table[behind + 2][bytes >> 8 & 255] ^
           table[behind + 1][bytes >> 16 & 255] ^ table[behind][bytes >> 24];
}

uint32_t tq__crc32(uint32_t crc, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;

    crc = ~crc;
    for (; len >= STEP; at += STEP, len -= STEP)
        crc = apply(crc ^ four(at), 12) ^ apply(four(at + 4), 8) ^ apply(four(at + 8), 4) ^
              apply(four(at + 12), 0);
    for (; len >= 4; at += 4, len -= 4)
        crc = apply(crc ^ four(at), 0);
    for (; len > 0; at++, len--)
        crc = crc >> 8 ^ table[0][(crc ^ *at) & 255];
    return ~crc;
}
