using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>
/// A sidecar that was attached to a table, in a file of its own. One that is damaged or missing opens all the same, as the table has taken no
/// harm: whoever asks for its content is told.
/// </summary>
internal sealed class SidecarFile : SharedFile
{
    private readonly TableResources _resources;
    private readonly FileCipher? _cipher;
    private readonly SectionContent? _content;
    private readonly ulong _table;

    private SidecarFile(TableResources resources, IReadableFile file, string path, ulong number, string name, ulong table)
        : base(resources.Disk, file, path, number)
    {
        (_resources, Name, _table) = (resources, name, table);
        try
        {
            var meta = ReadMeta(out var stored, out _cipher);
            _content = new SectionContent(file, new SectionPlace(path, name, 0, stored, SectionContent.StoredChunk(_cipher is not null), meta.Checksums), _cipher, resources.Memory);
        }
        catch (LsmException e) when (e.Code == LsmErrorCode.Corrupt)
        {
            Damage = e;
        }
    }

    public string Name { get; }

    /// <summary>The id of the key that it is encrypted under; null: it is not, or is damaged.</summary>
    public string? KeyId => _cipher?.KeyId;

    /// <summary>Why it cannot be read, when it cannot.</summary>
    public LsmException? Damage { get; }

    /// <summary>What the builder wrote.</summary>
    public SectionContent Content => _content ?? throw LsmException.Again(Damage!);

    /// <summary>Opens the file that holds a table's sidecar. A missing one is an error, or, when that is tolerated, damage.</summary>
    public static SidecarFile Open(TableResources resources, string path, ulong number, string name, ulong table, bool toleratesMissing)
    {
        IReadableFile file;
        try
        {
            file = resources.Disk.Open(path);
        }
        catch (FileNotFoundException) when (toleratesMissing)
        {
            file = Absent.Instance;
        }

        try
        {
            return new SidecarFile(resources, file, path, number, name, table);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes a sidecar into a file: what the builder writes, and what says so. The content is durable afterwards, the name not yet.</summary>
    public static void Write(TableResources resources, string path, ulong number, string name, ulong table, Action<SectionWriter> write)
    {
        using var cipher = resources.Keys is null ? null : FileCipher.Create(resources.Keys);
        using var file = new TableFile(resources.Disk.Create(path));
        var section = new SectionWriter(file, cipher, countsChunks: true);
        write(section);
        section.Complete();
        FileTail.Write(file, SidecarMeta.Magic, SidecarMeta.FormatVersion, number, new SidecarMeta(table, name, section.Length, [.. section.ChunkChecksums]).Encode(), cipher);
        file.Sync();
    }

    /// <summary>All of the file once more, from the disk.</summary>
    public void Check(CancellationToken cancellationToken)
    {
        if (Damage is not null) throw LsmException.Again(Damage);
        ReadMeta(out _, out var cipher);
        cipher?.Dispose();
        Content.Check(cancellationToken);
    }

    protected override void Closed() => _cipher?.Dispose();

    private SidecarMeta ReadMeta(out long stored, out FileCipher? cipher)
    {
        if (File == Absent.Instance) throw LsmException.Missing(Path, $"the manifest lists this sidecar of table {_table}");
        var bytes = FileTail.Read(File, Path, "sidecar", SidecarMeta.Magic, SidecarMeta.FormatVersion, Number, _resources.Keys, out stored, out cipher);
        try
        {
            var meta = SidecarMeta.Decode(bytes, cipher is not null, Path, stored);
            return meta.Table == _table && meta.Name == Name ? meta : throw LsmException.Corrupt(Path, stored, $"it is the sidecar '{meta.Name}' of table {meta.Table}, and the manifest says '{Name}' of table {_table}");
        }
        catch
        {
            cipher?.Dispose();
            throw;
        }
    }

    /// <summary>What is left of a file that is not there.</summary>
    private sealed class Absent : IReadableFile
    {
        public static Absent Instance { get; } = new();

        public long Length => 0;

        public int Read(long offset, Span<byte> buffer) => 0;

        public FileRegion Map(long offset, long length) => throw new FileNotFoundException("The file is missing.");

        public void Dispose()
        {
            // Nothing is open.
        }
    }
}
