using Basalt.Engine.Nearest;
using Basalt.Engine.Records;
using Basalt.Lsm.Tables;
using Basalt.Records;
using Basalt.Vectors;

namespace Basalt.Engine.Indexes;

/// <summary>The vectors of a field, written with every table. A vector that the index cannot have, as it was written before the index was there, is left out.</summary>
internal sealed class RowsSidecar(IndexEntry index, NameList names) : ISidecar
{
    public string Name => index.Section;

    public ISidecarBuilder Begin(SidecarContext context) => new Builder(index, new FieldReader(index.Definition.Path, names), context);

    private sealed class Builder(IndexEntry index, FieldReader field, SidecarContext context) : ISidecarBuilder, IDisposable
    {
        private readonly RowsBuilder _rows = new(index.Metric, ElementType.Float32, index.Definition.Dimension!.Value, context.OpenScratch, memory: context.Memory);
        private int _entries;

        public void Add(in TableEntry entry)
        {
            _entries = checked((int)entry.Ordinal + 1);
            if (entry.IsTombstone) return;
            var value = field.Read(entry.Value);
            if (value.Kind == ValueKind.Vector && VectorRules.Check(value.AsVector.Span, index.Definition.Dimension!.Value, index.Metric, ElementType.Float32) == VectorFault.None)
                _rows.Add((int)entry.Ordinal, value.AsVector.Span);
        }

        public void Finish(SectionWriter section) => _rows.Finish(section, _entries);

        public void Dispose() => _rows.Dispose();
    }
}
