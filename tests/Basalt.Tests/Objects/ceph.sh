#!/usr/bin/env bash
# An S3 server of its own for tests: one Ceph monitor, one OSD in memory, one gateway, all on 127.0.0.1.
#   ceph.sh FOLDER GATEWAY_PORT MON_PORT MON_V1_PORT FIRST_OSD_PORT ACCESS_KEY SECRET_KEY
# Prints "ready" when it serves, stays as long as its standard input is open, then ends its processes by their ids and removes FOLDER.
set -u
folder=$1 gateway=$2 mon=$3 mon_v1=$4 osd=$5 access=$6 secret=$7
pids=()
leave() {
  # The gateway first: it does not end any more when the monitor is gone. Nothing here is worth an orderly end.
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do kill -KILL "${pids[i]}" 2>/dev/null; wait "${pids[i]}" 2>/dev/null; done
  rm -rf "$folder"
}
trap leave EXIT
trap 'exit 1' TERM INT HUP
fail() { echo "failed: $1"; tail -n 5 "$folder"/*.log 2>/dev/null; exit 1; }

mkdir -p "$folder"/{mon,osd,run} || exit 1
fsid=$(cat /proc/sys/kernel/random/uuid)
cat > "$folder/ceph.conf" <<CONF
[global]
fsid = $fsid
mon_host = [v2:127.0.0.1:$mon,v1:127.0.0.1:$mon_v1]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_port_min = $osd
ms_bind_port_max = $((osd + 99))
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
keyring = $folder/keyring
run_dir = $folder/run
admin_socket = $folder/run/\$name.asok
pid_file =
log_file = $folder/\$name.log
log_to_stderr = false
err_to_stderr = false
crash_dir = $folder/run
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_crush_update_on_start = true
osd_objectstore = memstore
memstore_device_bytes = 4294967296
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 2000
mon_data = $folder/mon
osd_data = $folder/osd
# Pools come in tens of small steps: the monitor decides each at once.
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
rgw_frontends = beast endpoint=127.0.0.1:$gateway
rgw_enable_usage_log = false
rgw_enable_ops_log = false
CONF
ceph() { command ceph -c "$folder/ceph.conf" "$@"; }

ceph-authtool --create-keyring "$folder/keyring" --gen-key -n mon. --cap mon 'allow *' >/dev/null || fail "no key for the monitor"
ceph-authtool "$folder/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' >/dev/null || fail "no key for the administrator"
monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon,v1:127.0.0.1:$mon_v1]" "$folder/monmap" >/dev/null || fail "no map of monitors"
ceph-mon -c "$folder/ceph.conf" -i a --mkfs --monmap "$folder/monmap" --keyring "$folder/keyring" || fail "the monitor cannot be made"
ceph-mon -c "$folder/ceph.conf" -i a -f >/dev/null 2>&1 </dev/null &
pids+=($!)

uuid=$(cat /proc/sys/kernel/random/uuid)
ceph --connect-timeout 20 osd new "$uuid" >/dev/null || fail "the monitor does not answer"
ceph auth get-or-create osd.0 mon 'allow profile osd' osd 'allow *' >> "$folder/keyring" || fail "no key for the OSD"
ceph auth get-or-create client.rgw mon 'allow rw' osd 'allow rwx' >> "$folder/keyring" || fail "no key for the gateway"
ceph-osd -c "$folder/ceph.conf" -i 0 --mkfs --osd-uuid "$uuid" >/dev/null 2>&1 || fail "the OSD cannot be made"
ceph-osd -c "$folder/ceph.conf" -i 0 -f >/dev/null 2>&1 </dev/null &
pids+=($!)
for ((i = 0; i < 200; i++)); do
  case $(ceph osd stat 2>/dev/null) in *"1 up"*) break ;; esac
  sleep 0.05
done

radosgw-admin -c "$folder/ceph.conf" -n client.rgw user create --uid=test --display-name=test --access-key="$access" --secret="$secret" >/dev/null 2>&1 || fail "the gateway's user cannot be made"
radosgw -c "$folder/ceph.conf" -n client.rgw -f >/dev/null 2>&1 </dev/null &
pids+=($!)
for ((i = 0; i < 400; i++)); do
  (exec 3<>"/dev/tcp/127.0.0.1/$gateway") 2>/dev/null && break
  kill -0 "${pids[2]}" 2>/dev/null || fail "the gateway has ended"
  sleep 0.05
done
[ "$i" -lt 400 ] || fail "the gateway does not listen"
echo ready
cat >/dev/null
