using Basalt.Engine.Records;
using Basalt.Engine.Scalars;
using Basalt.Lsm.Tables;

namespace Basalt.Engine.Indexes;

/// <summary>The values of a field, written with every table.</summary>
internal sealed class ScalarSidecar(IndexEntry index, NameList names) : ISidecar
{
    public string Name => index.Section;

    public ISidecarBuilder Begin(SidecarContext context) => new Builder(new FieldReader(index.Definition.Path, names), context.CancellationToken);

    private sealed class Builder(FieldReader field, CancellationToken cancellationToken) : ISidecarBuilder
    {
        private readonly ScalarBuilder _values = new();
        private int _entries;

        public void Add(in TableEntry entry)
        {
            _entries = checked((int)entry.Ordinal + 1);
            if (!entry.IsTombstone) _values.Add((int)entry.Ordinal, field.Read(entry.Value));
        }

        public void Finish(SectionWriter section) => _values.Finish(section, _entries, cancellationToken);
    }
}
