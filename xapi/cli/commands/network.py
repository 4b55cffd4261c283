"""Networks, interfaces, bonds, VLANs, tunnels."""

from __future__ import annotations

from xapi.cli import simple

simple.enter("""
vlan-create                 VLAN.create pif-uuid vlan network-uuid
vlan-destroy                VLAN.destroy uuid
pool-vlan-create            pool.create_VLAN_from_PIF pif-uuid network-uuid vlan
tunnel-create               tunnel.create pif-uuid network-uuid protocol?=gre
tunnel-destroy              tunnel.destroy uuid
network-sriov-create        network_sriov.create pif-uuid network-uuid
network-sriov-destroy       network_sriov.destroy uuid
bond-create                 Bond.create network-uuid pif-uuids mac? mode?=balance-slb properties:?
bond-destroy                Bond.destroy uuid
bond-set-mode               Bond.set_mode uuid mode
network-create              network.create name_label<name-label name_description<name-description? MTU<MTU?=1500 bridge<bridge? managed<managed?=true -- Create a network; bridge and managed=false name an existing bridge.
network-destroy             network.destroy uuid
[hidden] network-attach     network.attach uuid host-uuid
pif-plug                    PIF.plug uuid
pif-unplug                  PIF.unplug uuid
pif-scan                    PIF.scan host-uuid
pif-introduce               PIF.introduce host-uuid mac? device managed?=true
pif-forget                  PIF.forget uuid
[hidden] pif-db-forget      PIF.db_forget uuid
pif-reconfigure-ip          PIF.reconfigure_ip uuid mode IP? netmask? gateway? DNS?
pif-reconfigure-ipv6        PIF.reconfigure_ipv6 uuid mode IPv6? gateway? DNS?
pif-set-primary-address-type PIF.set_primary_address_type uuid primary_address_type
vif-destroy                 VIF.destroy uuid
vif-plug                    VIF.plug uuid
vif-move                    VIF.move uuid network-uuid
vif-configure-ipv4          VIF.configure_ipv4 uuid mode address? gateway?
vif-configure-ipv6          VIF.configure_ipv6 uuid mode address? gateway?
sdn-controller-introduce    SDN_controller.introduce protocol?=ssl address? tcp-port?=0
sdn-controller-forget       SDN_controller.forget uuid
""")  # fmt: skip  # noqa: E501
