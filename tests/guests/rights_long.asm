; rights-long: the guest `rights` over all core combinations, 2,097,152 of them.

%define COMBINATIONS 32768
%include "rights.asm"
