/*
 * Encoding bytes and fields of the instruction format, named.
 * SDM 2A "Instruction Format" 2.1 to 2.7.
 */
#ifndef CORE_EMULATE_DECODE_DEFS_H
#define CORE_EMULATE_DECODE_DEFS_H

#define BYTE_ES		0x26
#define BYTE_CS		0x2e
#define BYTE_SS		0x36
#define BYTE_DS		0x3e
#define BYTE_FS		0x64
#define BYTE_GS		0x65
#define BYTE_OPSIZE	0x66
#define BYTE_ADSIZE	0x67
#define BYTE_LOCK	0xf0
#define BYTE_REPNE	0xf2
#define BYTE_REP	0xf3
#define BYTE_0F		0x0f
#define BYTE_0F38	0x38
#define BYTE_0F3A	0x3a
#define BYTE_EVEX	0x62
#define BYTE_XOP	0x8f
#define BYTE_VEX3	0xc4
#define BYTE_VEX2	0xc5

#define REX_MASK	0xf0
#define REX_FIRST	0x40
#define REX_W		0x08
#define REX_R		0x04
#define REX_X		0x02
#define REX_B		0x01

#define MODRM_REG_FORM	0xc0	/* the lowest ModRM with mod 3 */

/* VEX, XOP and EVEX payload bits; R, X, B are stored inverted. */
#define VEX_R		0x80
#define VEX_X		0x40
#define VEX_B		0x20
#define VEX_MAP		0x1f
#define VEX_W		0x80
#define EVEX_MAP	0x07
#define XOP_MAP_FIRST	8
#define XOP_MAP_LAST	10
#define EVEX_MAP_LAST	6

/* Opcodes with rules of their own. */
#define OP_NOP		0x90
#define OP_INT		0xcd
#define OP_MOV_FROM_SEG	0x8c
#define OP_MOV_TO_SEG	0x8e
#define OP_0F_3DNOW	0x0f
#define OP_0F_GETSEC	0x37
#define OP_0F_EMMS	0x77
#define OP_0F_VMREAD	0x78
#define OP_0F_VMWRITE	0x79
#define OP_0F_POPCNT	0xb8
#define OP_0F_MOVNTI	0xc3
#define OP_0F_GROUP7	0x01
#define OP_0F_GROUP9	0xc7
#define OP_0F_GROUP15	0xae
#define OP_0F_CLTS	0x06
#define OP_0F_MOV_CR_FROM 0x20
#define OP_0F_MOV_DR_FROM 0x21
#define OP_0F_MOV_CR_TO	0x22
#define OP_0F_MOV_DR_TO	0x23
#define OP_GROUP11B	0xc6
#define OP_GROUP11V	0xc7
#define MXCSR_MASK_DEFAULT 0xffbfu
#define X87_REG		7	/* a REX prefix means nothing here */
#define OP_FNINIT	0xdb	/* with ModRM e3 */
#define FNINIT_REG	4
#define FNINIT_RM	3
#define OP_FNSTCW	0xd9	/* /7, memory */
#define FNSTCW_REG	7
#define OP_FNSTSW	0xdd	/* /7, memory */
#define FNSTSW_REG	7
#define OP_FNSTSW_AX	0xdf	/* with ModRM e0 */
#define FNSTSW_AX_REG	4
#define FNSTSW_AX_RM	0
#define OP_FLDENV	0xd9	/* /4, memory; FNSTENV: /6 */
#define OP_FRSTOR	0xdd	/* /4, memory; FNSAVE: /6 */
#define X87_LOAD_REG	4
#define X87_STORE_REG	6
/* Fields of the x87 environment. SDM 1 "x87 FPU Status Register" 8.1.3 and 8.1.10 */
#define X87_EXCEPTIONS	0x3fu	/* in status: raised; in control: masked */
#define X87_STATUS_ES	0x80u
#define X87_STATUS_TOP	0x3800u
#define X87_STATUS_B	0x8000u
#define X87_EXPONENT	0x7fffu	/* of a register's upper 16 bits */
#define X87_OPCODE	0x7ffu
#define X87_LINEAR_SHIFT 12	/* an address's bits from 16 on, above the opcode */
#define X87_UPPER	0xffff0000u
#define OP_38_INVEPT	0x80
#define OP_38_INVPCID	0x82
#define OP_38_MOVBE	0xf0
#define OP_38_MOVBE_TO	0xf1
#define OP_38_ADX	0xf6

#endif
