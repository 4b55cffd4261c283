"""The releases in which the XenAPI changed, oldest first."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Release:
    """One release; without a code name it was never the first to bring anything."""

    code_name: str
    api_major: int
    api_minor: int
    branding: str
    date: str


RELEASES: tuple[Release, ...] = (
    Release("rio", 1, 1, "XenServer 4.0", "August 2007"),
    Release("miami", 1, 2, "XenServer 4.1", "March 2008"),
    Release("symc", 1, 2, "XenServer 4.1.1", ""),
    Release("orlando", 1, 3, "XenServer 5.0", "September 2008"),
    Release("orlando-update-1", 1, 3, "XenServer 5.0 Update 1", ""),
    Release("", 1, 4, "Unreleased", ""),
    Release("", 1, 5, "XenServer 5.0 update 3", "September 2008"),
    Release("george", 1, 6, "XenServer 5.5", "June 2009"),
    Release("midnight-ride", 1, 7, "XenServer 5.6", "May 2010"),
    Release("cowley", 1, 8, "XenServer 5.6 FP1", "December 2010"),
    Release("boston", 1, 9, "XenServer 6.0", "September 2011"),
    Release("tampa", 1, 10, "XenServer 6.1", "September 2012"),
    Release("clearwater", 2, 0, "XenServer 6.2", "June 2013"),
    Release("vgpu-tech-preview", 2, 0, "XenServer 6.2 SP1 Tech-Preview", ""),
    Release("vgpu-productisation", 2, 1, "XenServer 6.2 SP1", "December 2013"),
    Release("clearwater-felton", 2, 2, "XenServer 6.2 SP1 Hotfix 4", "April 2014"),
    Release("clearwater-whetstone", 2, 2, "XenServer 6.2 SP1 Hotfix 11", "October 2014"),
    Release("creedence", 2, 3, "XenServer 6.5", "January 2015"),
    Release("cream", 2, 4, "XenServer 6.5 SP1", "May 2015"),
    Release("indigo", 2, 4, "XenServer 6.5 SP1 Hotfix 31", "December 2015"),
    Release("dundee", 2, 5, "XenServer 7.0", "May 2016"),
    Release("ely", 2, 6, "XenServer 7.1", "February 2017"),
    Release("falcon", 2, 7, "XenServer 7.2", "May 2017"),
    Release("inverness", 2, 8, "XenServer 7.3", "December 2017"),
    Release("jura", 2, 9, "XenServer 7.4", "February 2018"),
    Release("kolkata", 2, 10, "XenServer 7.5", "May 2018"),
    Release("lima", 2, 11, "XenServer 7.6", "September 2018"),
    Release("naples", 2, 12, "Citrix Hypervisor 8.0", "March 2019"),
    Release("oslo", 2, 13, "Unreleased", ""),
    Release("quebec", 2, 14, "Citrix Hypervisor 8.1", "December 2019"),
    Release("stockholm", 2, 15, "Citrix Hypervisor 8.2", "June 2020"),
    Release("stockholm_psr", 2, 15, "Citrix Hypervisor 8.2 Hotfix 2", "November 2020"),
    Release("nile-preview", 2, 20, "XenServer 8 Preview", "August 2023"),
    Release("nile", 2, 21, "XenServer 8", ""),
    Release("orinoco", 2, 23, "XenServer 9", ""),
)
