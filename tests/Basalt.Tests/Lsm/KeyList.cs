using System.Text;
using Basalt.Lsm.Tables;

namespace Basalt.Tests.Lsm;

/// <summary>The keys by ordinal, deleted ones with a mark.</summary>
internal sealed class KeyList : ISidecar
{
    public string Name => "keys";

    public ISidecarBuilder Begin() => new Builder();

    private sealed class Builder : ISidecarBuilder
    {
        private readonly StringBuilder _keys = new();
        private long _next;

        public void Add(in TableEntry entry)
        {
            Assert.Equal(_next++, entry.Ordinal);
            _keys.Append(Encoding.ASCII.GetString(entry.Key)).Append(entry.IsTombstone ? "! " : " ");
        }

        public void Finish(SectionWriter section) => section.Append(Encoding.ASCII.GetBytes(_keys.ToString()));
    }
}
