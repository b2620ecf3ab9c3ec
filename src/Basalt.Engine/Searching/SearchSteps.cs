using System.Collections;

namespace Basalt.Engine.Searching;

/// <summary>What a search did, put into words when somebody reads it: most nobody does. One thread until the search has ended; then read by anybody.</summary>
internal sealed class SearchSteps : IReadOnlyList<string>
{
    private readonly List<Func<string>> _steps = [];

    public int Count => _steps.Count;

    public string this[int index] => _steps[index]();

    public void Add(Func<string> step) => _steps.Add(step);

    public IEnumerator<string> GetEnumerator() => _steps.Select(static step => step()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
