/* Host errors: what can go wrong in the hypervisor's own work, never the guest's. */
#ifndef MMU_ERR_H
#define MMU_ERR_H

enum hv_err {
	HV_OK = 0,
	HV_NO_MEMORY,		/* the frame pool is empty */
	HV_BAD_ARGUMENT,	/* a value no caller may pass */
	HV_UNSUPPORTED,		/* this CPU cannot do it */
	HV_LOCKED,		/* firmware has locked the feature off */
	HV_BAD_IMAGE,		/* a guest image is damaged */
	HV_TOO_LARGE,		/* does not fit where it must go */
	HV_ALREADY,		/* already mapped, already on */
};

#endif
