using Basalt.Lsm.Encryption;
using Basalt.Lsm.Wal;
using Version = Basalt.Lsm.Versions.Version;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    /// <summary>The cipher of the next file; null when nothing is encrypted. What the key provider throws is thrown.</summary>
    private FileCipher? NewCipher() => _options.Keys is { } keys ? FileCipher.Create(keys) : null;

    private bool IsUnderCurrentKey(string? keyId) => string.Equals(keyId, _options.Keys?.CurrentKeyId, StringComparison.Ordinal);

    /// <summary>Every key that the logs need, and the one for new files if there will be any, before anything is changed.</summary>
    private void ProveKeys(IEnumerable<ulong> logs)
    {
        if (!IsReadOnly) NewCipher()?.Dispose();
        foreach (var number in logs) LogReader.Open(_disk, _names.Log(number), LogFormat.WalMagic, number, mayBeTorn: true, _options.Keys).Dispose();
    }

    /// <summary>Begins a new manifest when the current one is plain or under an older key.</summary>
    private void RenewManifest()
    {
        lock (_maintenance)
        {
            ThrowIfClosed();
            ThrowIfPoisoned();
            if (IsUnderCurrentKey(_manifest.KeyId)) return;
            var cipher = NewCipher();
            try
            {
                _manifest.Roll(TakeNumber(), cipher);
            }
            catch (LsmException e) when (e.Code == LsmErrorCode.DiskFull)
            {
                throw BecomeFull(e.InnerException ?? e);
            }
            catch (Exception e)
            {
                throw Poison(e);
            }
        }
    }

    /// <summary>How many files are under which key, by its id; plain ones first.</summary>
    private IReadOnlyList<KeyUse> KeysInUse(Version version)
    {
        var tables = version.AllTables.SelectMany(static table => table.Attached.Where(static sidecar => sidecar.Damage is null).Select(static sidecar => sidecar.KeyId).Prepend(table.File.KeyId)).ToList();
        // Without a lock: nobody waits for a merge to be told.
        List<string?> others = IsReadOnly ? [] : [_manifest.KeyId, _log.KeyId, .. _oldLogs.Select(static log => log.KeyId)];
        return
        [
            .. tables.Concat(others).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(keyId => new KeyUse(keyId, tables.Count(id => id == keyId), others.Count(id => id == keyId))),
        ];
    }
}
