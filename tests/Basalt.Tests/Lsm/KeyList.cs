using System.Text;
using Basalt.Lsm.Tables;

namespace Basalt.Tests.Lsm;

/// <summary>A sidecar that holds a mark and the keys by ordinal, deleted ones with an exclamation mark; what it is told is told on.</summary>
internal sealed class KeyList(string name = "keys", string mark = "", bool isDeferred = false) : ISidecar
{
    public string Name => name;

    public bool IsDeferred => isDeferred;

    public Action<SidecarContext>? Begun { get; init; }

    public Action<SidecarContext, TableEntry>? Added { get; init; }

    public Action<SidecarContext>? Finishing { get; init; }

    public ISidecarBuilder Begin(SidecarContext context)
    {
        Begun?.Invoke(context);
        return new Builder(this, context);
    }

    private sealed class Builder(KeyList list, SidecarContext context) : ISidecarBuilder
    {
        private readonly StringBuilder _keys = new();
        private long _next;

        public void Add(in TableEntry entry)
        {
            Assert.Equal(_next++, entry.Ordinal);
            list.Added?.Invoke(context, entry);
            _keys.Append(Encoding.ASCII.GetString(entry.Key)).Append(entry.IsTombstone ? "! " : " ");
        }

        public void Finish(SectionWriter section)
        {
            Assert.InRange(_next, 1, context.MostEntries);
            list.Finishing?.Invoke(context);
            section.Append(Encoding.ASCII.GetBytes(list.Mark + _keys));
        }
    }

    private string Mark => mark;
}
