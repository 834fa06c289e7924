/*
 * Instructions as text, by Zydis. Must not know where the bytes come from.
 */
#include <Zydis/Zydis.h>

#include "compare/trace_insn.h"

/* By enum insn_mode; 64-bit code is long mode's alone. */
static const struct {
	ZydisMachineMode mode16, mode32;
} machine[] = {
	[INSN_REAL] = { ZYDIS_MACHINE_MODE_REAL_16,
			ZYDIS_MACHINE_MODE_LEGACY_32 },
	[INSN_LEGACY] = { ZYDIS_MACHINE_MODE_LEGACY_16,
			  ZYDIS_MACHINE_MODE_LEGACY_32 },
	[INSN_LONG] = { ZYDIS_MACHINE_MODE_LONG_COMPAT_16,
			ZYDIS_MACHINE_MODE_LONG_COMPAT_32 },
};

static bool decoder_make(ZydisDecoder *decoder, enum insn_mode mode,
			 unsigned bits)
{
	if (bits == 64)
		return ZYAN_SUCCESS(ZydisDecoderInit(decoder,
			ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64));
	if (bits == 32)
		return ZYAN_SUCCESS(ZydisDecoderInit(decoder,
			machine[mode].mode32, ZYDIS_STACK_WIDTH_32));
	return ZYAN_SUCCESS(ZydisDecoderInit(decoder, machine[mode].mode16,
					     ZYDIS_STACK_WIDTH_16));
}

size_t insn_text(enum insn_mode mode, unsigned bits, uint64_t rip,
		 const uint8_t *bytes, size_t size, char text[INSN_TEXT])
{
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction insn;
	ZydisFormatter formatter;
	ZydisDecoder decoder;

	text[0] = 0;
	if (!decoder_make(&decoder, mode, bits) ||
	    !ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, size, &insn,
						 operands)) ||
	    !ZYAN_SUCCESS(ZydisFormatterInit(&formatter,
					     ZYDIS_FORMATTER_STYLE_INTEL)) ||
	    !ZYAN_SUCCESS(ZydisFormatterSetProperty(&formatter,
			ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE)) ||
	    !ZYAN_SUCCESS(ZydisFormatterSetProperty(&formatter,
			ZYDIS_FORMATTER_PROP_FORCE_SIZE, ZYAN_TRUE)) ||
	    !ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &insn,
			operands, insn.operand_count_visible, text, INSN_TEXT,
			rip, NULL))) {
		text[0] = 0;
		return 0;
	}
	return insn.length;
}
