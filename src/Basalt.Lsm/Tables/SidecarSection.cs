using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>
/// What the builder of a sidecar wrote for one table. It keeps its file open until it is disposed of, whatever becomes of the table. Damage is
/// met by an <see cref="LsmException"/>. Thread-safe but for its disposal.
/// </summary>
public sealed class SidecarSection : IDisposable
{
    private readonly SectionContent _content;
    private SharedFile? _file;

    internal SidecarSection(SharedFile file, SectionContent content)
    {
        (_file, _content) = (file, content);
        file.Hold();
    }

    /// <summary>How many bytes.</summary>
    public long Length => _content.Length;

    /// <summary>
    /// Fills the buffer from a place of the section, which must have so many bytes there. What is read for the first time is checked: chunks of 64 KiB of an
    /// attached sidecar, the whole section of one that lies in its table; without that, damage is found by <see cref="LsmStore.Verify"/> alone. What is encrypted is always checked.
    /// </summary>
    public void Read(long offset, Span<byte> buffer, bool verify = true)
    {
        ThrowIfDisposed();
        _content.Read(offset, buffer, verify);
    }

    /// <summary>
    /// The section at a fixed address, beginning at a multiple of 4096, until the region is disposed of, which may be after
    /// the section is. A local file is mapped, which costs no memory of the store; of an encrypted one it is a copy in native memory, taken from the
    /// budget. Checked at first, as by <see cref="Read"/>, unless that is declined, which is for sections that are too long to be read whole.
    /// </summary>
    /// <exception cref="LsmException">Corrupt; or encrypted, and the memory budget has no room: OverBudget.</exception>
    public FileRegion Map(bool verify = true)
    {
        ThrowIfDisposed();
        return _content.Map(verify);
    }

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _file, null)?.Release();

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _file) is null, this);
}
