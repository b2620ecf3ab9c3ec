using Basalt.Engine.Records;
using Basalt.Engine.Terms;
using Basalt.Lsm.Tables;
using Basalt.Records;

namespace Basalt.Engine.Indexes;

/// <summary>The terms of a text field, written with every table. A list is all its texts.</summary>
internal sealed class TermsSidecar(IndexEntry index, NameList names) : ISidecar
{
    public string Name => index.Section;

    public ISidecarBuilder Begin(SidecarContext context) => new Builder(new FieldReader(index.Definition.Path, names));

    /// <summary>Adds the text of a value, or those of its items; anything else has none.</summary>
    public static void Add(TextBuilder builder, int ordinal, in Value value)
    {
        if (value.Kind == ValueKind.String) builder.Add(ordinal, value.AsString);
        else if (value.Kind == ValueKind.List)
        {
            foreach (ref readonly var item in value.AsList.Span)
                if (item.Kind == ValueKind.String) builder.Add(ordinal, item.AsString);
        }
    }

    private sealed class Builder(FieldReader field) : ISidecarBuilder
    {
        private readonly TextBuilder _texts = new();
        private int _entries;

        public void Add(in TableEntry entry)
        {
            _entries = checked((int)entry.Ordinal + 1);
            if (!entry.IsTombstone) TermsSidecar.Add(_texts, (int)entry.Ordinal, field.Read(entry.Value));
        }

        public void Finish(SectionWriter section) => _texts.Finish(section, _entries);
    }
}
